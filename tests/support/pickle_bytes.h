#pragma once
// Pickles as Python writes them.
#include <cstdint>
#include <string>
#include <vector>

#include "support/zip_bytes.h"

namespace robiq::test {

/// A pickle of protocol 3, byte for byte as Python writes a list of integers.
[[nodiscard]] inline std::string pickled(const std::vector<std::int64_t>& numbers) {
  std::string bytes = "\x80\x03]q" + le(0, 1);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i % 1000 == 0) bytes += i == 0 ? "(" : "e(";
    const auto value = static_cast<std::uint64_t>(numbers[i]);
    bytes += value < 256     ? "K" + le(value, 1)
             : value < 65536 ? "M" + le(value, 2)
                             : "J" + le(value, 4);
  }
  return bytes + "e.";
}

}  // namespace robiq::test
