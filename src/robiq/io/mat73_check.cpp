#ifdef ROBIQ_HAVE_MATIO

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/io/hdf5_handle.h"
#include "robiq/io/hdf5_storage.h"
#include "robiq/io/hdf5_tree.h"
#include "robiq/io/mat_check.h"
#include "robiq/io/safetensors_header.h"

namespace robiq {
namespace {

constexpr hsize_t kMostSides = 12, kMostFields = 4096;
constexpr std::uint64_t kArrayCost = 512;  // what matio and the result take for the smallest array
constexpr std::size_t kLongestText = 255;

bool is_number_class(const std::string& name) {
  static const std::set<std::string> kNames{"double", "single", "int8",   "uint8",
                                            "int16",  "uint16", "int32",  "uint32",
                                            "int64",  "uint64", "logical"};
  return kNames.contains(name);
}

/// Whether elements are sequences of any length. The four bits that tell these from texts are
/// believed by HDF5 whatever they hold; they stand in the fourth byte of the type's own encoding.
bool is_sequence(hid_t type) {
  if (H5Tget_class(type) != H5T_VLEN) return false;
  std::size_t size = 0;
  if (H5Tencode(type, nullptr, &size) < 0 || size < 4) return false;
  std::vector<unsigned char> bytes(size);
  return H5Tencode(type, bytes.data(), &size) >= 0 && (bytes[3] & 0x0F) == 0;
}

/// One file's walk: knows where it is and what it has cost.
class Walk {
 public:
  Walk(const std::filesystem::path& file, const MatLimits& limits) : file_(file), limits_(limits) {}

  std::uint64_t file() {
    const Hdf5Handle root(H5Fopen(file_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    if (!root.valid()) refuse("it is damaged: HDF5 cannot open it");
    const std::string problem = hdf5_tree_problem(root.get(), limits_.arrays, limits_.depth);
    if (!problem.empty()) refuse(problem);
    std::uint64_t variables = 0;
    for (const std::string& name : links(root.get())) {
      if (name == "#refs#" || name == "#subsystem#") continue;  // what variables refer to
      variable_ = name;
      object(Hdf5Handle(H5Oopen(root.get(), name.c_str(), H5P_DEFAULT), H5Oclose), 0);
      ++variables;
    }
    return variables;
  }

 private:
  [[noreturn]] void refuse(const std::string& problem) const {
    throw Error(
        ErrorKind::kModel,
        {problem,
         file_.string() + (variable_.empty() ? "" : ", '" + printable_name(variable_) + "'"),
         "get the file again, or save it again with MATLAB's -v7"});
  }

  void spend(std::uint64_t count, std::uint64_t each) {
    if (count > (limits_.bytes - spent_) / each) {
      refuse("the file would need more memory than is allowed");
    }
    spent_ += count * each;
  }

  std::vector<std::string> links(hid_t group) const {
    std::vector<std::string> names;
    const std::string problem = read_hdf5_links(group, limits_.arrays, names);
    if (!problem.empty()) refuse(problem);
    return names;
  }

  void object(const Hdf5Handle& id, int depth) {
    if (++arrays_ > limits_.arrays) refuse("the file has more arrays than are allowed");
    if (depth > limits_.depth) refuse("its cells or structs are nested too deep, or in themselves");
    spend(1, kArrayCost);
    if (!id.valid()) refuse("it is damaged: an object of it cannot be opened");
    for (const char* refused : {"MATLAB_object_decode", "MATLAB_sparse"}) {
      if (H5Aexists(id.get(), refused) != 0) {
        refuse("it is an object, a table or sparse, which is not read");
      }
    }
    (void)integer_attribute(id.get(), "MATLAB_global", 0);
    const H5I_type_t type = H5Iget_type(id.get());
    if (type == H5I_DATASET) {
      dataset(id.get(), class_of(id.get()), depth);
    } else if (type == H5I_GROUP) {
      if (class_of(id.get()) != "struct") refuse("a group of it is no struct");
      group(id.get(), depth);
    } else {
      refuse("it is neither a dataset nor a group");
    }
  }

  std::string class_of(hid_t id) const {
    if (H5Aexists(id, "MATLAB_class") <= 0)
      refuse("it has no MATLAB_class: MATLAB did not write it");
    const Hdf5Handle attribute(H5Aopen(id, "MATLAB_class", H5P_DEFAULT), H5Aclose);
    const Hdf5Handle type(H5Aget_type(attribute.get()), H5Tclose);
    const std::size_t size = H5Tget_size(type.get());
    std::string text(kLongestText + 1, '\0');
    if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) != 0 ||
        hdf5_points(H5Aget_space(attribute.get())) != 1 || size > kLongestText ||
        H5Aread(attribute.get(), type.get(), text.data()) < 0) {
      refuse("its MATLAB_class is damaged");
    }
    return text.c_str();
  }

  int integer_attribute(hid_t id, const char* name, int otherwise) const {
    if (H5Aexists(id, name) == 0) return otherwise;
    const Hdf5Handle attribute(H5Aopen(id, name, H5P_DEFAULT), H5Aclose);
    const Hdf5Handle type(H5Aget_type(attribute.get()), H5Tclose);
    int value = 0;
    if (H5Tget_class(type.get()) != H5T_INTEGER ||
        hdf5_points(H5Aget_space(attribute.get())) != 1 ||
        H5Aread(attribute.get(), H5T_NATIVE_INT, &value) < 0) {
      refuse(std::string("its ") + name + " is damaged");
    }
    return value;
  }

  std::vector<hsize_t> shape_of(hid_t dataset) const {
    const Hdf5Handle space(H5Dget_space(dataset), H5Sclose);
    const int rank = space.valid() ? H5Sget_simple_extent_ndims(space.get()) : -1;
    if (rank < 1 || rank > static_cast<int>(kMostSides)) {
      refuse("its shape has no sides or more than 12");
    }
    std::vector<hsize_t> shape(static_cast<std::size_t>(rank));
    H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr);
    return shape;
  }

  /// Zeros count as one: LibTorch's strides hold the product of the sides of empty arrays too.
  std::uint64_t count_of(const std::vector<hsize_t>& shape) const {
    std::uint64_t count = 1, product = 1;
    for (const hsize_t side : shape) {
      if (__builtin_mul_overflow(product, std::max<std::uint64_t>(side, 1), &product) ||
          product > 1ULL << 48) {
        refuse("its shape is too large to be true");
      }
      count *= side;
    }
    return count;
  }

  void check_storage(hid_t dataset) const {
    const std::string problem = hdf5_storage_problem(dataset, limits_.bytes - spent_);
    if (!problem.empty()) refuse(problem);
  }

  void dataset(hid_t id, const std::string& kind, int depth) {
    const std::vector<hsize_t> shape = shape_of(id);
    const std::uint64_t count = count_of(shape);
    check_storage(id);
    const Hdf5Handle type(H5Dget_type(id), H5Tclose);
    const H5T_class_t stored = H5Tget_class(type.get());
    if (stored == H5T_COMPOUND) refuse("it is complex, which is not read");
    if (integer_attribute(id, "MATLAB_empty", 0) != 0) {
      empty(id, kind, shape);
      return;
    }
    const int decode = integer_attribute(id, "MATLAB_int_decode", 0);
    if (kind == "cell") {
      references(id, count, depth);
    } else if (kind == "char") {
      if (stored != H5T_INTEGER || (decode != 2 && decode != 0)) refuse("its text is not UTF-16");
      if (shape.size() != 2) refuse("its text has more than two dimensions");
      spend(count, 8);
    } else if (is_number_class(kind)) {
      const bool whole = kind != "double" && kind != "single";
      if (stored != H5T_INTEGER && (whole || stored != H5T_FLOAT)) {
        refuse("its numbers are not stored as its class wants");
      }
      if (kind == "logical" && decode != 1) refuse("its logical values are not stored as bytes");
      spend(count, 8);
    } else {
      refuse("it is of the class '" + printable_name(kind) + "', which is not read");
    }
  }

  /// An array without elements: its dataset holds the shape instead.
  void empty(hid_t id, const std::string& kind, const std::vector<hsize_t>& stored) const {
    static const std::set<std::string> kOthers{"cell", "char", "struct", "canonical empty"};
    if (!kOthers.contains(kind) && !is_number_class(kind)) {
      refuse("it is of the class '" + printable_name(kind) + "', which is not read");
    }
    std::vector<hsize_t> shape(stored[0] <= kMostSides ? stored[0] : 0);
    if (stored.size() != 1 || shape.size() < 2 ||
        H5Dread(id, H5T_NATIVE_HSIZE, H5S_ALL, H5S_ALL, H5P_DEFAULT, shape.data()) < 0 ||
        count_of(shape) != 0) {
      refuse("its MATLAB_empty is not true");
    }
    if (kind == "struct" && H5Aexists(id, "MATLAB_fields") != 0) (void)field_names(id);
  }

  void references(hid_t id, std::uint64_t count, int depth) {
    const Hdf5Handle type(H5Dget_type(id), H5Tclose);
    if (H5Tequal(type.get(), H5T_STD_REF_OBJ) <= 0) refuse("a cell of it holds no references");
    if (count > limits_.arrays) refuse("the file has more arrays than are allowed");
    spend(count, sizeof(hobj_ref_t));
    std::vector<hobj_ref_t> all(count);
    if (count > 0 && H5Dread(id, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()) < 0) {
      refuse("it is damaged: a cell cannot be read");
    }
    for (const hobj_ref_t& reference : all) {
      object(Hdf5Handle(H5Rdereference2(id, H5P_DEFAULT, H5R_OBJECT, &reference), H5Oclose),
             depth + 1);
    }
  }

  std::set<std::string> field_names(hid_t id) const {
    const Hdf5Handle attribute(H5Aopen(id, "MATLAB_fields", H5P_DEFAULT), H5Aclose);
    const Hdf5Handle type(H5Aget_type(attribute.get()), H5Tclose);
    const Hdf5Handle space(H5Aget_space(attribute.get()), H5Sclose);
    hsize_t count = 0;
    if (H5Sget_simple_extent_ndims(space.get()) == 1) {
      H5Sget_simple_extent_dims(space.get(), &count, nullptr);
    }
    const Hdf5Handle letter(is_sequence(type.get()) ? H5Tget_super(type.get()) : H5I_INVALID_HID,
                            H5Tclose);
    std::vector<hvl_t> texts(count <= kMostFields ? count : 0, hvl_t{});
    if (!letter.valid() || H5Tget_size(letter.get()) != 1 || texts.empty() ||
        H5Aread(attribute.get(), type.get(), texts.data()) < 0) {
      refuse("its MATLAB_fields are damaged");
    }
    std::set<std::string> names;
    for (const hvl_t& text : texts) names.emplace(static_cast<const char*>(text.p), text.len);
    H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, texts.data());
    if (names.size() != count) refuse("a field of it stands there twice");
    return names;
  }

  /// A struct, or an array of structs whose fields are datasets of references without a class.
  void group(hid_t id, int depth) {
    const std::vector<std::string> names = links(id);
    const bool listed = H5Aexists(id, "MATLAB_fields") != 0;
    if (listed ? field_names(id) != std::set<std::string>(names.begin(), names.end())
               : names.size() > 1) {
      refuse("a struct of it has not the fields that it lists");
    }
    std::set<std::vector<hsize_t>> shapes;
    for (const std::string& name : names) {
      const Hdf5Handle field(H5Oopen(id, name.c_str(), H5P_DEFAULT), H5Oclose);
      if (!field.valid()) refuse("it is damaged: a field of it cannot be opened");
      if (H5Iget_type(field.get()) != H5I_DATASET || H5Aexists(field.get(), "MATLAB_class") != 0) {
        shapes.insert(std::vector<hsize_t>());
        object(field, depth + 1);
        continue;
      }
      const std::vector<hsize_t> shape = shape_of(field.get());
      const std::uint64_t count = count_of(shape);
      shapes.insert(shape);
      check_storage(field.get());
      references(field.get(), count, depth);
    }
    if (shapes.size() > 1) refuse("the fields of its structs are not of one shape");
  }

  const std::filesystem::path& file_;
  const MatLimits& limits_;
  std::string variable_;
  std::uint64_t spent_ = 0, arrays_ = 0;
};

}  // namespace

std::uint64_t check_mat73(const std::filesystem::path& file, const MatLimits& limits) {
  const Hdf5Silence silence;
  return Walk(file, limits).file();
}

}  // namespace robiq

#endif
