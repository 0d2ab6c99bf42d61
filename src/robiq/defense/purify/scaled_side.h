#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace robiq {

/// A side by a factor, rounded down, of one pixel at least.
[[nodiscard]] inline std::int64_t scaled_side(std::int64_t side, double scale) {
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::floor(scale * static_cast<double>(side))));
}

}  // namespace robiq
