#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

/// The largest value of just_noticeable().
inline constexpr double kMostNoticeable = 133.34;

/// Luma of 8-bit RGB in fixed point, (9798 R + 19235 G + 3735 B + 2^14) >> 15.
/// \param bytes  uint8 [3,H,W]   \return uint8 [H,W] on the CPU
[[nodiscard]] at::Tensor byte_luma(const at::Tensor& bytes);

/// How far each pixel may change before a viewer notices, in 8-bit levels: luminance adaptation and
/// contrast masking around edges, less .3 of the smaller of both (Yang et al., TCSVT 2024).
/// \param bytes  uint8 [3,H,W]   \return float32 [H,W] on the CPU, 3 to kMostNoticeable
[[nodiscard]] at::Tensor just_noticeable(const at::Tensor& bytes);

/// Pixels on an edge of the colour picture or next to one. \return bool [H,W] on the CPU
[[nodiscard]] at::Tensor edge_region(const at::Tensor& bytes);

/// Edges by Canny (IEEE TPAMI 1986) with a Sobel gradient of side 3 and its l1 norm, borders
/// repeated, the direction in four sectors and two thresholds. Of several channels the one with the
/// largest gradient counts at each pixel, the first of equals.
/// \param bytes  uint8 [C,H,W]   \param low, high  thresholds of the gradient, low <= high
/// \return uint8 [H,W] on the CPU, 255 on edges and 0 elsewhere
[[nodiscard]] at::Tensor canny_edges(const at::Tensor& bytes, int low, int high);

}  // namespace robiq
