#pragma once
#include <cstdint>

namespace robiq {

/// CRC-32 as zip files have it.
[[nodiscard]] std::uint32_t crc32_of(const void* bytes, std::uint64_t size);

}  // namespace robiq
