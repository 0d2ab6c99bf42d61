#pragma once
#include <cstdint>

namespace robiq::synthetic {

/// Nearly normal with mean 0 and standard deviation 1: the sum of eight uniform bytes, at most 4.9
/// deviations from 0. One call of a random stream a number, and no function whose last bit depends
/// on the machine.
[[nodiscard]] inline float near_normal(std::uint64_t bits) {
  constexpr std::uint64_t kEvenBytes = 0x00FF00FF00FF00FFULL, kOnes = 0x0001000100010001ULL;
  constexpr float kMean = 8 * 127.5F;
  constexpr float kDeviation = 209.020F;  // sqrt(8 (256^2 - 1) / 12)
  const std::uint64_t pairs = (bits & kEvenBytes) + (bits >> 8 & kEvenBytes);
  return (static_cast<float>(static_cast<int>(pairs * kOnes >> 48)) - kMean) / kDeviation;
}

}  // namespace robiq::synthetic
