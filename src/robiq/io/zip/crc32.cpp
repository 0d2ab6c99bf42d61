#include <zlib.h>

#include "robiq/io/zip/zip_fields.h"

namespace robiq {

std::uint32_t crc32_of(const void* bytes, std::uint64_t size) {
  const auto* const from = static_cast<const Bytef*>(bytes);
  return static_cast<std::uint32_t>(crc32_z(crc32_z(0, nullptr, 0), from, size));
}

}  // namespace robiq
