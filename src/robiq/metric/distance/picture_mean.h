#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

// Sums over whole pictures. float32 has seven digits, and a running sum of a hundred million values
// loses three of them: so only a row is summed in float32, and the rows are summed in double.
// All are differentiable.

/// \param maps  [N,C,H,W]   \return [N], of the maps' type: the mean over each picture
[[nodiscard]] at::Tensor picture_mean(const at::Tensor& maps);

/// \param maps  [N,C,H,W]   \return [N,C]: the mean over each plane
[[nodiscard]] at::Tensor plane_mean(const at::Tensor& maps);

/// The square root of the sum of squares over each picture; its gradient is 0 where that is 0.
/// \param maps  [N,C,H,W]   \return [N]
[[nodiscard]] at::Tensor picture_norm(const at::Tensor& maps);

}  // namespace robiq
