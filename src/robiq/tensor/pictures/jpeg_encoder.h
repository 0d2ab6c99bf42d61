#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace robiq {

/// A baseline JPEG as Pillow writes it by default: chroma halved along both axes (4:2:0), standard
/// tables scaled to `quality`. Bit for bit the same where the libjpeg is the same.
/// \param bytes    uint8 [3,H,W], red, green, blue, on the CPU; sides up to 65500 pixels
/// \param quality  1 to 100
/// \throws Error{kData} for another shape or quality, or where libjpeg fails
[[nodiscard]] std::string encode_jpeg_420(const at::Tensor& bytes, int quality);

}  // namespace robiq
