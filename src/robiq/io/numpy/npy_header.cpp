#include <algorithm>
#include <limits>
#include <set>

#include "robiq/core/error.h"
#include "robiq/io/numpy/npy.h"
#include "robiq/io/safetensors_header.h"

namespace robiq {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxDimensions = 64;    // NumPy has 64, LibTorch cannot iterate over more
constexpr std::uint64_t kMaxHeader = 65'536;  // NumPy itself writes a few hundred bytes

[[noreturn]] void refuse_header(const std::string& problem, const std::string& where) {
  throw Error(ErrorKind::kModel,
              {problem, where,
               "get the file again, or write it again with numpy.save or numpy.savez, as numbers"});
}

/// Reads the header's dict, token by token.
class DictReader {
 public:
  DictReader(std::string_view text, bool long_suffix, const std::string& where)
      : text_(text), long_suffix_(long_suffix), where_(where) {}

  NpyHeader read() {
    expect('{');
    while (peek() != '}') {
      read_entry();
      if (peek() == ',') {
        ++place_;
      } else if (peek() != '}') {
        wrong("a ',' or '}' is missing");
      }
    }
    ++place_;
    skip_space();
    if (place_ != text_.size()) wrong("something stands behind the dict");
    for (const char* key : {"descr", "fortran_order", "shape"}) {
      if (!seen_.contains(key)) wrong(std::string("it has no '") + key + "'");
    }
    return header_;
  }

 private:
  [[noreturn]] void wrong(const std::string& problem) const {
    refuse_header("the .npy header is refused: " + problem, where_);
  }

  void skip_space() {
    while (place_ < text_.size() && std::string_view(" \t\r\n").find(text_[place_]) != text_.npos) {
      ++place_;
    }
  }
  char peek() {
    skip_space();
    return place_ < text_.size() ? text_[place_] : '\0';
  }
  void expect(char wanted) {
    if (peek() != wanted) wrong(std::string("a '") + wanted + "' is missing");
    ++place_;
  }
  bool accept(std::string_view word) {
    skip_space();
    if (!text_.substr(place_).starts_with(word)) return false;
    place_ += word.size();
    return true;
  }

  void read_entry() {
    const std::string key = read_text();
    if (key != "descr" && key != "fortran_order" && key != "shape") {
      wrong("'" + printable_name(key) + "' is a key that the format does not have");
    }
    if (!seen_.insert(key).second) wrong("'" + key + "' stands there twice");
    expect(':');
    if (key == "descr") {
      read_type();
    } else if (key == "shape") {
      read_shape();
    } else {
      header_.fortran_order = accept("True");
      if (!header_.fortran_order && !accept("False"))
        wrong("fortran_order is neither True nor False");
    }
  }

  std::string read_text() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') wrong("a text is missing");
    const std::size_t end = text_.find(quote, place_ + 1);
    if (end == text_.npos) wrong("a text does not end");
    std::string text(text_.substr(place_ + 1, end - place_ - 1));
    if (text.find('\\') != text.npos) wrong("a text has a '\\'");
    place_ = end + 1;
    return text;
  }

  void read_type() {
    if (peek() == '[' || peek() == '(') refuse_header("arrays of structures are not read", where_);
    const std::string type = read_text();
    const auto unknown = [&](const std::string& why) {
      refuse_header("the type '" + printable_name(type) + "' is not read" + why, where_);
    };
    if (type.size() < 2) unknown("");
    const char order = type[0];
    header_.kind = type[1];
    const std::string size = type.substr(2);
    if (header_.kind == 'O') unknown(": Python objects would have to be unpickled");
    if (header_.kind == 'U' || header_.kind == 'S') unknown(": it is text");
    static const std::set<std::string> kKnown{"f2", "f4", "f8", "b1", "u1", "u2",
                                              "u4", "i1", "i2", "i4", "i8"};
    if (!kKnown.contains(type.substr(1))) unknown("");
    header_.element_bytes = static_cast<std::uint64_t>(size[0] - '0');
    const bool one_byte = header_.element_bytes == 1;
    if (order != '<' && order != '>' && !(order == '|' && one_byte)) unknown("");
    header_.big_endian = order == '>' && !one_byte;
  }

  void read_shape() {
    expect('(');
    bool comma = true;
    while (peek() != ')') {
      if (!comma) wrong("a ',' is missing in the shape");
      if (header_.shape.size() == kMaxDimensions) wrong("the shape has more than 64 sides");
      header_.shape.push_back(read_side());
      comma = peek() == ',';
      if (comma) ++place_;
    }
    ++place_;
    if (header_.shape.size() == 1 && !comma) wrong("the shape is a number, not a tuple");
  }

  std::int64_t read_side() {
    if (peek() == '-') wrong("a side is negative");
    const std::size_t begin = place_;
    std::int64_t side = 0;
    for (; place_ < text_.size() && text_[place_] >= '0' && text_[place_] <= '9'; ++place_) {
      if (__builtin_mul_overflow(side, 10, &side) ||
          __builtin_add_overflow(side, text_[place_] - '0', &side)) {
        wrong("the shape is too large to be true");
      }
    }
    if (place_ == begin) wrong("the length of a side is not a number");
    if (place_ - begin > 1 && text_[begin] == '0') wrong("a side begins with 0");
    if (long_suffix_ && place_ < text_.size() && text_[place_] == 'L') ++place_;  // Python 2
    return side;
  }

  std::string_view text_;
  bool long_suffix_;
  const std::string& where_;
  std::size_t place_ = 0;
  std::set<std::string> seen_;
  NpyHeader header_;
};

/// Bytes that shape and type need. Zeros count as one in the check: LibTorch's strides hold the
/// product of the sides even when an array is empty.
std::uint64_t needed_bytes(const NpyHeader& header, const std::string& where) {
  std::uint64_t bytes = header.element_bytes, product = header.element_bytes;
  for (const std::int64_t side : header.shape) {
    const auto length = static_cast<std::uint64_t>(side);
    if (__builtin_mul_overflow(product, std::max<std::uint64_t>(length, 1), &product) ||
        product > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / 2) {
      refuse_header("the .npy header is refused: the shape is too large to be true", where);
    }
    bytes *= length;
  }
  return bytes;
}

}  // namespace

NpyHeader parse_npy_header(std::string_view bytes, const std::string& where) {
  if (!bytes.starts_with(kMagic)) refuse_header("it is not a .npy array", where);
  const auto byte = [&](std::size_t i) -> std::uint64_t {
    if (i >= bytes.size()) refuse_header("the .npy header is refused: it ends early", where);
    return static_cast<unsigned char>(bytes[i]);
  };
  const std::uint64_t major = byte(6), minor = byte(7);
  if (major < 1 || major > 3 || minor != 0) {
    refuse_header("the .npy format " + std::to_string(major) + "." + std::to_string(minor) +
                      " is not read (1.0, 2.0 and 3.0 are)",
                  where);
  }
  std::uint64_t length = byte(8) | byte(9) << 8;
  if (major > 1) length |= byte(10) << 16 | byte(11) << 24;
  const std::uint64_t begin = major > 1 ? 12 : 10;
  if (length > kMaxHeader) {
    refuse_header("the .npy header would have " + std::to_string(length) + " bytes", where);
  }
  if (length > bytes.size() - begin)
    refuse_header("the .npy header is refused: it ends early", where);
  NpyHeader header = DictReader(bytes.substr(begin, length), major < 3, where).read();
  header.data_begin = begin + length;
  header.data_bytes = needed_bytes(header, where);
  return header;
}

}  // namespace robiq
