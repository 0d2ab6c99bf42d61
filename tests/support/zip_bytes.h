#pragma once
// Zip files laid out byte by byte, so that a test can spoil any field.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace robiq::test {

/// The number's lowest bytes, little-endian.
[[nodiscard]] inline std::string le(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value & 0xFF);
  return text;
}

/// CRC-32 as zip files have it, computed without zlib.
[[nodiscard]] inline std::uint32_t crc32_of(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

struct ZipPiece {
  std::string name, content;
};

/// A zip file of stored members, and where its records begin.
struct ZipBytes {
  std::string bytes;
  std::vector<std::size_t> local, central;
  std::size_t end = 0;

  explicit ZipBytes(const std::vector<ZipPiece>& members) {
    std::string directory;
    for (const auto& [name, content] : members) {
      const std::string common = le(20, 2) + le(0, 8) + le(crc32_of(content), 4) +
                                 le(content.size(), 4) + le(content.size(), 4) +
                                 le(name.size(), 2) + le(0, 2);
      local.push_back(bytes.size());
      central.push_back(directory.size());
      directory += "PK\1\2" + le(20, 2) + common + le(0, 10) + le(bytes.size(), 4) + name;
      bytes += "PK\3\4" + common + name + content;
    }
    for (std::size_t& at : central) at += bytes.size();
    const std::string count = le(members.size(), 2);
    const std::string place = le(directory.size(), 4) + le(bytes.size(), 4);
    end = bytes.size() + directory.size();
    bytes += directory + "PK\5\6" + le(0, 4) + count + count + place + le(0, 2);
  }

  /// Overwrites a field.
  ZipBytes& set(std::size_t at, std::uint64_t value, std::size_t count) {
    bytes.replace(at, count, le(value, count));
    return *this;
  }
};

[[nodiscard]] inline ZipBytes zip_of(const std::vector<ZipPiece>& members) {
  return ZipBytes(members);
}

}  // namespace robiq::test
