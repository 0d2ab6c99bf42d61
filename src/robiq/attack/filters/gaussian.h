#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace robiq {

/// Continues pictures by `radius` pixels on each side as a mirror does, without repeating the
/// border: c b | a b c | b a. Any size will do. \param images  [N,C,H,W]
[[nodiscard]] at::Tensor mirror_pad(const at::Tensor& images, std::int64_t radius);

/// The Gaussian mean around every pixel: (2 radius + 1)^2 weights of sum 1 over mirrored borders.
/// \param images  [N,C,H,W]   \param sigma  pixels, > 0   \return the same shape
[[nodiscard]] at::Tensor gaussian_blur(const at::Tensor& images, double sigma, std::int64_t radius);

}  // namespace robiq
