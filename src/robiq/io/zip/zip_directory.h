#pragma once
#include <cstdint>
#include <string>
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

}  // namespace robiq
