#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

/// Side of SSIM's Gaussian window in pixels; pictures must not be smaller.
inline constexpr int kSsimWindow = 11;

/// Structural similarity at every pixel, as the perceptual attack takes it: Gaussian window 11x11,
/// sigma 1.5, pictures continued by their border values, each colour channel by itself, K1 = 0.01,
/// K2 = 0.03, negative values kept. Wang et al., TIP 2004; Zhang et al., NeurIPS 2022.
/// \param a,b  float32 [N,3,H,W] in [0,1], H and W at least 11   \return float32 [N,3,H,W]
/// \throws Error{kData} for smaller pictures or shapes that differ
[[nodiscard]] at::Tensor ssim_map(const at::Tensor& a, const at::Tensor& b);

/// The mean of ssim_map() over each picture: 1 for equal pictures. Differentiable in both.
/// \return float32 [N]
[[nodiscard]] at::Tensor ssim(const at::Tensor& a, const at::Tensor& b);

}  // namespace robiq
