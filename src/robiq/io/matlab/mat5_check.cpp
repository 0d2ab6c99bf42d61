#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <set>
#include <string>

#include "robiq/io/matlab/mat5_element.h"
#include "robiq/io/matlab/mat_text.h"
#include "robiq/io/table/table_text.h"

namespace robiq {
namespace {

constexpr std::uint64_t kHeader = 128;
constexpr std::size_t kMostSides = 12;
constexpr std::uint64_t kArrayCost = 512;  // what matio and the result take for the smallest array
constexpr std::uint64_t kRowCost = 160;    // of a text of one row, besides its letters

/// Array classes, as the flags number them.
enum Class : std::uint32_t { kCell = 1, kStruct = 2, kChar = 4, kDouble = 6, kUint64 = 15 };

std::string class_name(std::uint32_t number) {
  switch (number) {
    case 3:
      return "an object";
    case 5:
      return "a sparse array";
    case 16:
      return "a function handle";
    case 17:
      return "an object (table, string or the like)";
    default:
      return "of the unknown class " + std::to_string(number);
  }
}

/// zlib's state for one variable, freed on every way out.
class Inflater {
 public:
  Inflater() : ready_(inflateInit(&stream_) == Z_OK) {}
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// \return false when `packed` is not one whole stream, or is longer than `limit` once unpacked
  bool unpack(std::string_view packed, std::uint64_t limit, std::string& bytes) {
    if (!ready_) return false;
    std::array<char, 1 << 16> piece{};
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    int state = Z_OK;
    while (state == Z_OK) {
      stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream_.avail_out = static_cast<uInt>(piece.size());
      state = inflate(&stream_, Z_NO_FLUSH);
      const std::size_t got = piece.size() - stream_.avail_out;
      if (got > limit - bytes.size()) return false;
      bytes.append(piece.data(), got);
    }
    return state == Z_STREAM_END && stream_.avail_in == 0;
  }

 private:
  z_stream stream_{};
  bool ready_;
};

/// One file's walk: knows where it is and what it has cost.
class Walk {
 public:
  Walk(const ByteSource& source, const MatLimits& limits) : source_(source), limits_(limits) {}

  /// The whole file. \return how many variables it has
  std::uint64_t check() {
    if (source_.size() < kHeader) refuse("it has too few bytes for a MATLAB file");
    const std::string order = source_.read_at(126, 2);
    swapped_ = order == "MI";
    std::uint64_t place = kHeader, variables = 0;
    for (; place < source_.size(); ++variables) {
      variable_ = "variable " + std::to_string(variables + 1);
      const std::string head = source_.read_at(place, 8);
      const Mat5Tag tag = mat5_tag(head, swapped_);
      if (tag.small) refuse("it begins with something other than an array");
      if (tag.bytes > source_.size() - place - 8) refuse("it ends behind the end of the file");
      const std::string body = source_.read_at(place + 8, tag.bytes);
      if (tag.type == kMat5Matrix) {
        variable(body);
      } else if (tag.type == kMat5Compressed) {
        packed_variable(body);
      } else {
        refuse("it begins with something other than an array");
      }
      place += 8 + tag.bytes;
    }
    return variables;
  }

 private:
  [[noreturn]] void refuse(const std::string& problem) const { source_.refuse(problem, variable_); }

  void spend(std::uint64_t bytes) {
    if (bytes > limits_.bytes - spent_) refuse("the file would need more memory than is allowed");
    spent_ += bytes;
  }

  void packed_variable(std::string_view packed) {
    std::string bytes;
    if (!Inflater().unpack(packed, limits_.bytes - spent_, bytes)) {
      refuse("its packed bytes are damaged, or more than are allowed once unpacked");
    }
    std::string_view rest = bytes;
    const Mat5Element element = take(rest);
    if (element.type != kMat5Matrix || !rest.empty()) refuse("what was packed is not an array");
    variable(element.data);
  }

  void variable(std::string_view body) {
    if (body.empty()) refuse("it is not an array");
    array(body, 0);
    if (!names_.insert(variable_).second) refuse("that name stands there twice");
  }

  /// The element at the front of `rest`.
  Mat5Element take(std::string_view& rest) const {
    Mat5Element element;
    if (!take_mat5_element(rest, swapped_, element)) refuse("an element of it is cut off");
    return element;
  }
  std::string_view take(std::string_view& rest, std::uint32_t type, const char* what) const {
    const Mat5Element element = take(rest);
    if (element.type != type) refuse(std::string("it has no ") + what);
    return element.data;
  }

  void array(std::string_view body, int depth) {
    if (++arrays_ > limits_.arrays) refuse("the file has more arrays than are allowed");
    if (depth > limits_.depth) refuse("its cells or structs are nested too deep");
    spend(kArrayCost);
    if (body.empty()) return;  // MATLAB's way to write []
    const bool plain_flags = body.size() >= 16 && !mat5_tag(body.substr(0, 8), swapped_).small;
    const std::string_view flags = take(body, kMat5Uint32, "array flags");
    if (!plain_flags || flags.size() != 8) refuse("its array flags are damaged");
    const std::uint32_t bits = mat5_number(flags, swapped_);
    const Shape shape = take_shape(body);
    const std::uint64_t count = shape.count;
    name(body, depth);
    if ((bits & 0x0800) != 0) refuse("it is complex, which is not read");
    const std::uint32_t kind = bits & 0xFF;
    if (kind == kCell) {
      children(body, count, depth);
    } else if (kind == kStruct) {
      fields(body, count, depth);
    } else if (kind == kChar) {
      text(body, shape);
    } else if (kind >= kDouble && kind <= kUint64) {
      numbers(body, count, kind);
    } else {
      refuse("it is " + class_name(kind) + ", which is not read");
    }
    if (!body.empty()) refuse("bytes of it are left over");
  }

  struct Shape {
    std::uint64_t count = 1, rows = 0;  ///< elements, and the first side
    std::size_t rank = 0;               ///< how many sides
  };

  Shape take_shape(std::string_view& body) const {
    const bool small = body.size() >= 8 && mat5_tag(body.substr(0, 8), swapped_).small;
    std::string_view sides = take(body, kMat5Int32, "shape");
    if (small || sides.size() % 4 != 0 || sides.size() < 8 || sides.size() > 4 * kMostSides) {
      refuse("its shape has fewer than 2 or more than 12 sides");
    }
    Shape shape{.rows = mat5_number(sides, swapped_), .rank = sides.size() / 4};
    std::uint64_t product = 1;
    for (; !sides.empty(); sides.remove_prefix(4)) {
      const std::uint64_t side = mat5_number(sides, swapped_);
      if (side > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())) {
        refuse("a side of its shape is negative");
      }
      // Zeros count as one: LibTorch's strides hold the product of the sides of empty arrays too.
      if (__builtin_mul_overflow(product, std::max<std::uint64_t>(side, 1), &product) ||
          product > 1ULL << 48) {
        refuse("its shape is too large to be true");
      }
      shape.count *= side;
    }
    return shape;
  }

  void name(std::string_view& body, int depth) {
    const std::string_view name = take(body, kMat5Int8, "name");
    if (depth > 0 && !name.empty()) refuse("a cell or field of it has a name of its own");
    if (depth > 0) return;
    if (name.empty() || name.size() > 255 || find_non_text(name) != name.npos) {
      refuse("its name is empty, too long or no text");
    }
    variable_ = name;
  }

  void children(std::string_view& body, std::uint64_t count, int depth) {
    if (count > body.size() / 8) refuse("it has fewer elements than its shape says");
    for (std::uint64_t i = 0; i < count; ++i) {
      array(take(body, kMat5Matrix, "element of a cell or struct that is an array"), depth + 1);
    }
  }

  void fields(std::string_view& body, std::uint64_t count, int depth) {
    const bool small = body.size() >= 8 && mat5_tag(body.substr(0, 8), swapped_).small;
    const std::string_view length_bytes = take(body, kMat5Int32, "length of field names");
    if (!small || length_bytes.size() != 4) refuse("its length of field names is damaged");
    const std::uint64_t length = mat5_number(length_bytes, swapped_);
    std::string_view names = take(body, kMat5Int8, "field names");
    if (length == 0 || length > 256 || names.size() % length != 0) {
      refuse("its field names are damaged");
    }
    const std::uint64_t fields = names.size() / length;
    std::set<std::string_view> seen;
    for (; !names.empty(); names.remove_prefix(length)) {
      const std::size_t end = names.substr(0, length).find('\0');
      const std::string_view field = names.substr(0, std::min<std::size_t>(end, length));
      if (end == names.npos || field.empty() || find_non_text(field) != field.npos ||
          !seen.insert(field).second) {
        refuse("its field names are damaged");
      }
    }
    // One without fields is made all the same.
    if (count > limits_.arrays / std::max<std::uint64_t>(fields, 1)) {
      refuse("it has too many fields");
    }
    spend(kArrayCost * count);
    children(body, count * fields, depth);
  }

  void text(std::string_view& body, const Shape& shape) {
    const Mat5Element element = take(body);
    const std::uint64_t size = element.data.size();
    bool fits = size == shape.count * mat5_type_size(element.type);
    if (element.type == kMat5Utf8) fits = size >= shape.count && size <= 4 * shape.count;
    if ((element.type != kMat5Uint8 && element.type != kMat5Uint16 && element.type != kMat5Utf8 &&
         element.type != kMat5Utf16) ||
        !fits) {
      refuse("its text has not the bytes that its shape needs");
    }
    if (shape.rank != 2) refuse("its text has more than two dimensions");
    spend(4 * size);
    spend(kRowCost * shape.rows);  // each becomes a text of its own
  }

  void numbers(std::string_view& body, std::uint64_t count, std::uint32_t kind) {
    const Mat5Element element = take(body);
    const std::uint64_t each = mat5_type_size(element.type);
    if (each == 0 || element.type > kMat5Uint64) refuse("its numbers are of an unknown type");
    if (kind > kDouble + 1 && (element.type == kMat5Double || element.type == kMat5Single)) {
      refuse("its whole numbers are stored as floating-point ones");
    }
    if (element.data.size() != count * each) {
      refuse("its shape needs " + std::to_string(count * each) + " bytes, and it has " +
             std::to_string(element.data.size()) + " bytes");
    }
    spend(8 * count);
  }

  const ByteSource& source_;
  const MatLimits& limits_;
  bool swapped_ = false;
  std::string variable_;
  std::set<std::string> names_;
  std::uint64_t spent_ = 0, arrays_ = 0;
};

}  // namespace

std::uint64_t check_mat5(const ByteSource& source, const MatLimits& limits) {
  return Walk(source, limits).check();
}

}  // namespace robiq
