#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

/// Y = .299 R + .587 G + .114 B. \param images  [N,3,H,W]  \return [N,1,H,W]
[[nodiscard]] at::Tensor luma_of(const at::Tensor& images);

/// floor(255 Y + 1/2). \param images  float32 [N,3,H,W] in [0,1]  \return uint8 [N,1,H,W], CPU
[[nodiscard]] at::Tensor luma_bytes(const at::Tensor& images);

}  // namespace robiq
