#pragma once
// MATLAB files of version 5, element by element, as honest and as lying as a test wants them.
#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace robiq::test {

/// Makes elements in one byte order.
class Mat5Bytes {
 public:
  explicit Mat5Bytes(bool big_endian = false) : big_(big_endian) {}

  [[nodiscard]] std::string number(std::uint64_t value, int size) const {
    std::string bytes;
    for (int i = 0; i < size; ++i) {
      bytes += static_cast<char>(value >> (8 * (big_ ? size - 1 - i : i)) & 0xFF);
    }
    return bytes;
  }
  [[nodiscard]] std::string numbers(const std::vector<std::uint64_t>& values, int size) const {
    std::string bytes;
    for (const std::uint64_t value : values) bytes += number(value, size);
    return bytes;
  }

  /// The 128 bytes in front.
  [[nodiscard]] std::string header(unsigned version = 0x0100) const {
    std::string text = "MATLAB 5.0 MAT-file, made by a test";
    text.resize(124, ' ');
    return text + number(version, 2) + (big_ ? "MI" : "IM");
  }

  [[nodiscard]] std::string element(unsigned type, const std::string& data) const {
    std::string bytes = number(type, 4) + number(data.size(), 4) + data;
    bytes.resize((bytes.size() + 7) / 8 * 8, '\0');
    return bytes;
  }
  /// Up to four bytes, in the tag itself.
  [[nodiscard]] std::string small(unsigned type, std::string data) const {
    const std::string tag = number(data.size() << 16 | type, 4);
    data.resize(4, '\0');
    return tag + data;
  }

  /// What stands in front of an array's contents.
  [[nodiscard]] std::string front(unsigned flags, const std::vector<std::uint64_t>& shape,
                                  const std::string& name) const {
    return element(6, number(flags, 4) + number(0, 4)) + element(5, numbers(shape, 4)) +
           element(1, name);
  }
  [[nodiscard]] std::string array(unsigned flags, const std::vector<std::uint64_t>& shape,
                                  const std::string& name, const std::string& contents) const {
    return element(14, front(flags, shape, name) + contents);
  }
  [[nodiscard]] std::string doubles(const std::string& name,
                                    const std::vector<std::uint64_t>& bits) const {
    return array(6, {1, bits.size()}, name, element(9, numbers(bits, 8)));
  }
  /// A row of characters, two bytes each.
  [[nodiscard]] std::string text(const std::string& name, const std::string& ascii) const {
    std::vector<std::uint64_t> units;
    for (const char c : ascii) units.push_back(static_cast<unsigned char>(c));
    return array(4, {1, units.size()}, name, element(17, numbers(units, 2)));
  }

  [[nodiscard]] std::string packed(const std::string& bytes) const {
    uLongf size = compressBound(static_cast<uLong>(bytes.size()));
    std::string out(size, '\0');
    compress(reinterpret_cast<Bytef*>(out.data()), &size,
             reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uLong>(bytes.size()));
    out.resize(size);
    return number(15, 4) + number(out.size(), 4) + out;
  }

 private:
  bool big_;
};

}  // namespace robiq::test
