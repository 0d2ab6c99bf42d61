#pragma once
#include <ATen/core/Tensor.h>

#include "robiq/core/rng.h"

namespace robiq {

/// Standard normal numbers, float32, drawn on the CPU at one position.
[[nodiscard]] at::Tensor normal_tensor(const Rng& rng, at::IntArrayRef shape);

/// clip(x + sigma noise) to [0,1]; the gradient is 1 inside and 0 outside.
/// \param images  [N,3,H,W]  \param noise  of the same shape, any device  \param sigma  of [0,1]
[[nodiscard]] at::Tensor add_clipped_noise(const at::Tensor& images, const at::Tensor& noise,
                                           double sigma);

}  // namespace robiq
