#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace robiq {

/// Sides must have as many pixels as this, so that pictures can be continued by reflection.
inline constexpr std::int64_t kSoftJpegSide = 17;

/// JPEG compression, chroma halved along both axes, as a function that autograd can follow: the
/// values are rounded and clipped exactly, and the gradients are those of smooth stand-ins, 3 d^2
/// for rounding by d and 1e-3 outside the range of a clip. No entropy coding: it loses nothing.
/// Reich et al., WACV 2024, the straight-through form.
/// \param images   [N,3,H,W] in [0,1], sides of kSoftJpegSide or more
/// \param quality  1 to 99, as libjpeg scales its tables
/// \return [N,3,H,W] in [0,1]  \throws Error{kData} for smaller pictures
[[nodiscard]] at::Tensor soft_jpeg(const at::Tensor& images, std::int64_t quality);

}  // namespace robiq
