#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "robiq/core/rng.h"

namespace robiq {

/// One picture made smaller inside its own frame, the rest black.
struct ShrinkDraw {
  bool on = false;                     ///< false: the picture stays as it is
  std::int64_t height = 0, width = 0;  ///< its new size, pixels
  std::int64_t top = 0, left = 0;      ///< where it lies in the frame
};

/// The transform of diverse inputs (Xie et al., CVPR 2019): the width is uniform in
/// [floor(0.9 W), W), the height keeps the ratio of sides, the place is uniform.
/// \param probability  of `on`
[[nodiscard]] ShrinkDraw draw_shrink(const Rng& rng, std::int64_t height, std::int64_t width,
                                     double probability);

/// Each row as its draw says: bilinear with half-pixel centres, padded with 0. Differentiable.
/// \param images  [N,3,H,W]   \param draws  N of them
[[nodiscard]] at::Tensor shrink_rows(const at::Tensor& images,
                                     const std::vector<ShrinkDraw>& draws);

}  // namespace robiq
