// What stands in for crc32.cpp in a compute-only build.
#include <array>

#include "robiq/io/zip/zip_fields.h"

namespace robiq {
namespace {

/// What each value of a byte does, for the reflected polynomial 0x04C11DB7.
constexpr std::array<std::uint32_t, 256> kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xEDB88320U : 0U);
    table[byte] = value;
  }
  return table;
}();

}  // namespace

std::uint32_t crc32_of(const void* bytes, std::uint64_t size) {
  const auto* const from = static_cast<const unsigned char*>(bytes);
  std::uint32_t value = ~0U;
  for (std::uint64_t i = 0; i < size; ++i) value = value >> 8 ^ kTable[(value ^ from[i]) & 0xFF];
  return ~value;
}

}  // namespace robiq
