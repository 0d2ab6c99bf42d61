#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/io/byte_source.h"

namespace robiq {

/// One member of a zip file, its place and sizes checked against the file.
struct ZipMember {
  std::string name;
  std::uint64_t header = 0;  ///< where its local header begins
  std::uint64_t data = 0;    ///< where its bytes begin
  std::uint64_t packed = 0;  ///< bytes in the file
  std::uint64_t size = 0;    ///< bytes once unpacked
  std::uint32_t crc = 0;     ///< CRC-32 of the unpacked bytes
  std::uint16_t flags = 0;
  bool deflated = false;  ///< else stored
};

/// Finds the end record and reads and checks the central directory and every local header.
/// \return members in the directory's order  \throws Error{kModel}.
[[nodiscard]] std::vector<ZipMember> read_zip_directory(const ByteSource& source);

/// Takes little-endian numbers and pieces off the front of a record, never beyond its end.
/// Every function \throws Error{kModel} when too few bytes are left.
class ZipFields {
 public:
  ZipFields(const ByteSource& source, std::string_view bytes) : source_(source), bytes_(bytes) {}

  [[nodiscard]] std::uint16_t u16() { return number<std::uint16_t>(); }
  [[nodiscard]] std::uint32_t u32() { return number<std::uint32_t>(); }
  [[nodiscard]] std::uint64_t u64() { return number<std::uint64_t>(); }
  [[nodiscard]] std::string_view take(std::size_t count) {
    if (count > bytes_.size()) source_.refuse("a record of the zip file is cut off");
    const std::string_view piece = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return piece;
  }
  void skip(std::size_t count) { (void)take(count); }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

 private:
  static_assert(std::endian::native == std::endian::little, "the format is little-endian");

  template <class T>
  T number() {
    T value = 0;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  const ByteSource& source_;
  std::string_view bytes_;
};

/// CRC-32 as zip files have it.
[[nodiscard]] std::uint32_t crc32_of(const void* bytes, std::uint64_t size);

/// Unpacks exactly `member.size` bytes out of exactly `member.packed`.
/// \return false when the packed bytes are anything else
/// \throws what source.refuse() throws, in a build without zlib or memory
[[nodiscard]] bool unpack_member(const ByteSource& source, const ZipMember& member,
                                 unsigned char* to);

}  // namespace robiq
