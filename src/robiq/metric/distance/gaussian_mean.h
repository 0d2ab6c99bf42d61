#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

/// Side of SSIM's Gaussian window in pixels; pictures must not be smaller.
inline constexpr int kSsimWindow = 11;

/// The mean under the Gaussian window, 11x11, sigma 1.5; pictures are continued by their border
/// values. Differentiable, as often as one likes.
/// \param planes  float32 [N,C,H,W]   \return the same shape
[[nodiscard]] at::Tensor gaussian_mean(const at::Tensor& planes);

}  // namespace robiq
