#pragma once
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "robiq/core/options/params.h"
#include "robiq/core/rng.h"

namespace robiq {

/// exp(-t^2 / (2 sigma^2)) for t = -(size-1)/2, ..., (size-1)/2, of sum 1.
[[nodiscard]] std::vector<double> gaussian_weights(std::int64_t size, double sigma);

/// The sigma that belongs to a kernel of `size`: 0.3 ((size - 1) / 2 - 1) + 0.8.
[[nodiscard]] double sigma_of_kernel(std::int64_t size);

/// Gaussian blur of each plane: `size` taps along each axis, borders reflected without their edge.
/// Differentiable. \param planes  [N,C,H,W], sides larger than size / 2  \param size  odd
[[nodiscard]] at::Tensor gaussian_blur(const at::Tensor& planes, std::int64_t size, double sigma);

/// Median of the size x size values around every pixel of each plane, borders reflected likewise.
/// The gradient goes to the pixels that equal the median, in equal shares.
/// \param planes  [N,C,H,W], sides larger than size / 2  \param size  odd
[[nodiscard]] at::Tensor median_blur(const at::Tensor& planes, std::int64_t size);

/// Refuses an even kernel. \throws Error{kUsage}
void check_odd_kernel(std::int64_t size, const Params& given, const std::string& who);

/// round(x (levels - 1)) / (levels - 1), halves to even. No gradient.
/// \param images  [N,3,H,W] in [0,1]   \param levels  at least 2
[[nodiscard]] at::Tensor quantise_levels(const at::Tensor& images, std::int64_t levels);

/// clip(x + sigma noise) to [0,1]; the gradient is 1 inside and 0 outside.
/// \param images  [N,3,H,W]  \param noise  of the same shape, any device  \param sigma  of [0,1]
[[nodiscard]] at::Tensor add_clipped_noise(const at::Tensor& images, const at::Tensor& noise,
                                           double sigma);

/// A side by a factor, rounded down, of one pixel at least.
[[nodiscard]] inline std::int64_t scaled_side(std::int64_t side, double scale) {
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::floor(scale * static_cast<double>(side))));
}

}  // namespace robiq
