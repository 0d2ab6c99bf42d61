#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace robiq {

/// The inputs of one output sample along an axis, and their weights, which sum to 1.
struct FilterTaps {
  std::int64_t first = 0;       ///< index of the first input
  std::vector<double> weights;  ///< of inputs first, first + 1, ...
};

/// The triangle filter that takes an axis of `from` samples to `to`, stretched when it shrinks, so
/// that nothing aliases (Pillow's BILINEAR). \param from,to  > 0
[[nodiscard]] std::vector<FilterTaps> triangle_taps(std::int64_t from, std::int64_t to);

/// Resizes as Pillow's 8-bit antialiased bilinear filter does, bit for bit: along rows, then along
/// columns, each in 22-bit fixed point rounded to bytes, and skipped where the size stays. Plain
/// loops: loader threads may call it.
/// \param bytes  uint8 [3,H,W]   \param height,width  pixels, > 0   \return uint8 [3,height,width]
/// \throws Error{kData} for another shape or size
[[nodiscard]] at::Tensor resize_bytes(const at::Tensor& bytes, std::int64_t height,
                                      std::int64_t width);

/// The same filter on floats, without rounding; differentiable. \param images  [N,C,H,W]
[[nodiscard]] at::Tensor resize_float(const at::Tensor& images, std::int64_t height,
                                      std::int64_t width);

}  // namespace robiq
