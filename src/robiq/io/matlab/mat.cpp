#include "robiq/io/matlab/mat.h"

#include <ATen/ATen.h>
#include <matio.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>

#include "robiq/core/error.h"
#include "robiq/io/byte_source.h"
#include "robiq/io/matlab/mat_text.h"
#include "robiq/io/safetensors_header.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse(const std::string& problem, const std::string& where) {
  throw Error(ErrorKind::kModel,
              {problem, where, "get the file again, or save it again with MATLAB's -v7"});
}

/// matio's own messages, which would go to stderr: the first is kept for ours. matio gives its
/// callback no argument, so one file is read at a time.
class Messages {
 public:
  Messages() : lock_(mutex_) {
    first_.clear();
    // `auto`: the message is const since matio 1.5.27.
    Mat_LogInitFunc("robiq", [](int /*level*/, auto* message) {
      if (first_.empty() && message != nullptr) first_ = message;
    });
  }
  ~Messages() { Mat_LogClose(); }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  [[nodiscard]] static const std::string& first() { return first_; }

 private:
  inline static std::mutex mutex_;
  inline static std::string first_;
  std::lock_guard<std::mutex> lock_;
};

struct Free {
  void operator()(mat_t* file) const { Mat_Close(file); }
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};
using MatFile = std::unique_ptr<mat_t, Free>;
using Variable = std::unique_ptr<matvar_t, Free>;

ObjectPtr make(Object::Value value) { return std::make_shared<const Object>(std::move(value)); }

/// Makes Objects of what matio has read of one variable.
class Converter {
 public:
  explicit Converter(std::string where) : where_(std::move(where)) {}

  ObjectPtr convert(const matvar_t* variable) const {
    if (variable == nullptr) damaged();
    // MATLAB writes [] as an array without anything, and matio leaves that as it is.
    if (variable->rank == 0 || variable->class_type == MAT_C_EMPTY) {
      return make(at::empty({0, 0}, at::kDouble));
    }
    if (variable->isComplex != 0) refuse("it is complex, which is not read", where_);
    switch (variable->class_type) {
      case MAT_C_CELL:
        return make(cells(variable));
      case MAT_C_STRUCT:
        return structs(variable);
      case MAT_C_CHAR:
        return text(variable);
      default:
        return make(numbers(variable));
    }
  }

 private:
  [[noreturn]] void damaged() const { refuse("matio could not read all of it", where_); }

  std::vector<std::int64_t> shape(const matvar_t* variable) const {
    std::vector<std::int64_t> sides;
    for (int i = 0; i < variable->rank; ++i) {
      sides.push_back(static_cast<std::int64_t>(variable->dims[i]));
    }
    return sides;
  }
  std::size_t count(const matvar_t* variable) const {
    std::size_t product = 1;
    for (int i = 0; i < variable->rank; ++i) product *= variable->dims[i];
    return product;
  }
  /// matio's pointers to `wanted` arrays, or nullptr for none.
  matvar_t* const* arrays(const matvar_t* variable, std::size_t wanted) const {
    if (wanted == 0) return nullptr;
    if (variable->data == nullptr || variable->nbytes != wanted * sizeof(matvar_t*)) damaged();
    return static_cast<matvar_t* const*>(variable->data);
  }

  Object::List cells(const matvar_t* variable) const {
    const std::size_t wanted = count(variable);
    matvar_t* const* const all = arrays(variable, wanted);
    Object::List list;
    for (std::size_t i = 0; i < wanted; ++i) list.push_back(convert(all[i]));
    return list;
  }

  ObjectPtr structs(const matvar_t* variable) const {
    const std::size_t wanted = count(variable);
    const std::size_t fields = Mat_VarGetNumberOfFields(const_cast<matvar_t*>(variable));
    char* const* const names = Mat_VarGetStructFieldnames(variable);
    matvar_t* const* const all = arrays(variable, wanted * fields);
    Object::List list;
    for (std::size_t i = 0; i < wanted; ++i) {
      Object::Dict dict;
      for (std::size_t k = 0; k < fields; ++k) {
        if (names == nullptr || names[k] == nullptr) damaged();
        dict.emplace_back(make(std::string(names[k])), convert(all[i * fields + k]));
      }
      list.push_back(make(std::move(dict)));
    }
    return wanted == 1 ? list.front() : make(std::move(list));
  }

  /// One row is a text, several are a list of them.
  ObjectPtr text(const matvar_t* variable) const {
    if (variable->rank != 2) damaged();
    const std::size_t rows = variable->dims[0], columns = variable->dims[1];
    if (count(variable) == 0) return make(std::string());
    const bool bytes = variable->data_type == MAT_T_UTF8 || variable->data_type == MAT_T_UINT8;
    const std::size_t each = bytes ? 1 : 2, least = rows * columns * each;
    if (variable->data == nullptr || variable->nbytes < least ||
        (variable->data_type != MAT_T_UTF8 && variable->nbytes != least)) {
      damaged();
    }
    MatText text{{static_cast<const char*>(variable->data), variable->nbytes}, rows, columns};
    text.encoding = variable->data_type == MAT_T_UTF8    ? MatText::kUtf8
                    : variable->data_type == MAT_T_UINT8 ? MatText::kLatin1
                                                         : MatText::kUtf16;
    std::vector<std::string> lines;
    if (!mat_text_rows(text, lines)) refuse("its characters cannot be read as text", where_);
    if (lines.size() == 1) return make(std::move(lines.front()));
    Object::List list;
    for (std::string& line : lines) list.push_back(make(std::move(line)));
    return make(std::move(list));
  }

  static at::ScalarType type_of(matio_classes number_class) {
    switch (number_class) {
      case MAT_C_DOUBLE:
        return at::kDouble;
      case MAT_C_SINGLE:
        return at::kFloat;
      case MAT_C_INT8:
        return at::kChar;
      case MAT_C_UINT8:
        return at::kByte;
      case MAT_C_INT16:
      case MAT_C_UINT16:
        return at::kShort;
      case MAT_C_INT32:
      case MAT_C_UINT32:
        return at::kInt;
      case MAT_C_INT64:
      case MAT_C_UINT64:
        return at::kLong;
      default:
        return at::ScalarType::Undefined;
    }
  }

  /// Column-major numbers as a tensor in C order.
  at::Tensor numbers(const matvar_t* variable) const {
    const at::ScalarType type = type_of(variable->class_type);
    if (type == at::ScalarType::Undefined) refuse("it is of a class that is not read", where_);
    std::vector<std::int64_t> sides = shape(variable);
    const std::size_t bytes = count(variable) * at::elementSize(type);
    std::vector<std::int64_t> reversed(sides.rbegin(), sides.rend());
    std::vector<std::int64_t> order(sides.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      order[i] = static_cast<std::int64_t>(order.size() - 1 - i);
    }
    if (bytes == 0) return at::empty(sides, variable->isLogical != 0 ? at::kBool : type);
    if (variable->data == nullptr || variable->nbytes != bytes) damaged();
    const at::Tensor stored = at::from_blob(variable->data, reversed, type);
    return widened(stored, variable).permute(order).clone(at::MemoryFormat::Contiguous);
  }

  /// Unsigned numbers as the next larger type, which holds them all; logical ones as bool.
  at::Tensor widened(const at::Tensor& stored, const matvar_t* variable) const {
    if (variable->isLogical != 0) return stored.ne(0);
    switch (variable->class_type) {
      case MAT_C_UINT16:
        return stored.to(at::kInt).bitwise_and_(0xFFFF);
      case MAT_C_UINT32:
        return stored.to(at::kLong).bitwise_and_(std::int64_t{0xFFFFFFFF});
      case MAT_C_UINT64:
        if (stored.lt(0).any().item<bool>()) refuse("a number of it is above 2^63 - 1", where_);
        return stored;
      default:
        return stored;
    }
  }

  std::string where_;
};

Object::Dict read_variables(const fs::path& file, std::uint64_t wanted) {
  const MatFile mat(Mat_Open(file.c_str(), MAT_ACC_RDONLY));
  if (!mat) refuse("matio cannot open it: " + Messages::first(), file.string());
  Object::Dict variables;
  for (std::uint64_t i = 0; i < wanted; ++i) {
    const Variable variable(Mat_VarReadNext(mat.get()));
    const std::string name = variable && variable->name != nullptr ? variable->name : "";
    const std::string where =
        file.string() + (name.empty() ? "" : ", '" + printable_name(name) + "'");
    if (!variable || name.empty() || !Messages::first().empty()) {
      refuse("matio cannot read it" + (Messages::first().empty() ? "" : ": " + Messages::first()),
             where);
    }
    variables.emplace_back(make(name), Converter(where).convert(variable.get()));
  }
  return variables;
}

}  // namespace

ObjectPtr read_mat(const fs::path& file) {
  const std::shared_ptr<const ByteSource> source = open_source(file);
  // The header's last four bytes: the version, and "IM" or "MI" for the order of bytes.
  const std::string mark = source->size() < 128 ? "" : source->read_at(124, 4);
  if (mark == std::string("\0\2IM", 4)) {
    throw Error(ErrorKind::kModel,
                {"it is a MATLAB file of version 7.3, which robiq does not read", file.string(),
                 "save it again as version 7: in MATLAB, save(..., '-v7')"});
  }
  if (mark != std::string("\0\1IM", 4) && mark != std::string("\1\0MI", 4)) {
    source->refuse("it is not a MATLAB file of version 5");
  }
  const Messages messages;
  return make(read_variables(file, check_mat5(*source)));
}

}  // namespace robiq
