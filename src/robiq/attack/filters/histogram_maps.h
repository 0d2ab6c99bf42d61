#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace robiq {

/// Histogram equalisation of one plane: with v0 the first occupied level, v becomes
/// round(255 (count of levels in (v0, v]) / (pixels - count of v0)); a flat plane stays.
/// \param plane  uint8 [H,W], CPU, contiguous   \return the same
[[nodiscard]] at::Tensor equalized(const at::Tensor& plane);

/// Contrast-limited adaptive equalisation (Zuiderveld, Graphics Gems IV, 1994): each tile's
/// histogram is cut at `clip` times its mean, what was cut is spread evenly, and the four nearest
/// tiles' maps are mixed bilinearly. A plane that `tiles` does not divide is continued by mirror.
/// \param plane  uint8 [H,W], CPU, contiguous   \param clip  0 for no limit   \return the same
[[nodiscard]] at::Tensor adaptively_equalized(const at::Tensor& plane, double clip,
                                              std::int64_t tiles);

}  // namespace robiq
