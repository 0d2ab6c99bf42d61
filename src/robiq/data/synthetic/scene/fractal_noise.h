#pragma once
#include <cstdint>
#include <vector>

#include "robiq/core/rng.h"

namespace robiq::synthetic {

/// A periodic grey texture with mean 0 and standard deviation 1, limited to [-3, 3].
class NoiseTile {
 public:
  /// Sums octaves from the coarsest (4x4 cells) to single pixels, each `gain` times the one before:
  /// 1 gives a power spectrum that falls as 1/f^2, smaller gains smoother textures.
  /// \param side  pixels, a power of two >= 8
  NoiseTile(const Rng& rng, std::int64_t side, float gain);

  [[nodiscard]] std::int64_t side() const noexcept { return side_; }
  /// At a whole pixel; any coordinates, they wrap.
  [[nodiscard]] float at(std::int64_t x, std::int64_t y) const noexcept {
    return values_[static_cast<std::size_t>((y & mask_) * side_ + (x & mask_))];
  }
  /// Between pixels, bilinear.
  [[nodiscard]] float between(float x, float y) const noexcept;

 private:
  std::int64_t side_, mask_;
  std::vector<float> values_;
};

}  // namespace robiq::synthetic
