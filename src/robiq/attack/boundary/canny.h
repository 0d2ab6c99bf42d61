#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

/// Edges by Canny (IEEE TPAMI 1986) with a Sobel gradient of side 3 and its l1 norm, borders
/// repeated, the direction in four sectors and two thresholds. Of several channels the one with the
/// largest gradient counts at each pixel, the first of equals.
/// \param bytes  uint8 [C,H,W]   \param low, high  thresholds of the gradient, low <= high
/// \return uint8 [H,W] on the CPU, 255 on edges and 0 elsewhere
[[nodiscard]] at::Tensor canny_edges(const at::Tensor& bytes, int low, int high);

}  // namespace robiq
