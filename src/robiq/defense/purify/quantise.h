#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace robiq {

/// round(x (levels - 1)) / (levels - 1), halves to even. No gradient.
/// \param images  [N,3,H,W] in [0,1]   \param levels  at least 2
[[nodiscard]] at::Tensor quantise_levels(const at::Tensor& images, std::int64_t levels);

}  // namespace robiq
