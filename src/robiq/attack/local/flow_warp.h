#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

/// Every pixel of the result is sampled where its flow points, bilinearly, inside the picture
/// (Xiao et al., Spatially Transformed Adversarial Examples, ICLR 2018). Differentiable in both.
/// \param images  [N,C,H,W], H and W at least 2
/// \param flow    [N,2,H,W], pixels: channel 0 down, channel 1 to the right
/// \throws Error{kData} for smaller pictures
[[nodiscard]] at::Tensor flow_warped(const at::Tensor& images, const at::Tensor& flow);

/// How rough a flow is: over the four diagonal neighbours (0 beyond the border) the sum of squared
/// differences of both components, plus 1e-8 a pixel. \param flow  [N,2,H,W]  \return [N]
[[nodiscard]] at::Tensor flow_roughness(const at::Tensor& flow);

}  // namespace robiq
