#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

/// Directions of low frequency around a picture: the first half of its DCT coefficients with random
/// signs (SurFree: Maho et al., CVPR 2021).
class LowFrequencyBasis {
 public:
  /// \param picture  [1,3,H,W]
  explicit LowFrequencyBasis(const at::Tensor& picture);

  /// The inverse DCT of the signs, where the picture has that frequency at all; not normalised.
  /// \param signs  -1, 0 or 1, [3,H,W]   \return [1,3,H,W], float32
  [[nodiscard]] at::Tensor direction(const at::Tensor& signs) const;

 private:
  at::Tensor kept_;           ///< [3,H,W], 0 or 1
  at::Tensor down_, across_;  ///< cosines of the two sides
};

/// The first floor(height width / 2) positions in zigzag order of u + v: within an odd diagonal by
/// rising u, in an even one by falling u. \return bool [height,width]
[[nodiscard]] at::Tensor zigzag_half(std::int64_t height, std::int64_t width);

}  // namespace robiq
