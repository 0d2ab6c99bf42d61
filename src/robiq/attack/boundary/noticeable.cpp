#include "robiq/attack/boundary/noticeable.h"

#include <ATen/ATen.h>

#include "robiq/attack/boundary/canny.h"

namespace robiq {
namespace {

constexpr int kLowEdgeThreshold = 50, kHighEdgeThreshold = 150;

/// The largest less the smallest value of 5 x 5 windows, which borders cut.
at::Tensor range_of_windows(const at::Tensor& values) {
  const at::Tensor batch = values.unsqueeze(0).unsqueeze(0);
  const auto largest = [](const at::Tensor& x) { return at::max_pool2d(x, 5, 1, 2)[0][0]; };
  return largest(batch) + largest(-batch);
}

}  // namespace

at::Tensor byte_luma(const at::Tensor& bytes) {
  const at::Tensor wide = bytes.to(at::kCPU, at::kInt);
  const at::Tensor sum = wide[0] * 9798 + wide[1] * 19235 + wide[2] * 3735 + 16384;
  return sum.bitwise_right_shift(15).to(at::kByte);
}

at::Tensor just_noticeable(const at::Tensor& bytes) {
  const at::Tensor luma = byte_luma(bytes);
  const at::Tensor edges = canny_edges(luma.unsqueeze(0), kLowEdgeThreshold, kHighEdgeThreshold);
  const at::Tensor y = luma.to(at::kDouble);
  const at::Tensor dark = 17 * (1 - (y / 127).sqrt()) + 3, bright = 3 * (y - 127) / 128 + 3;
  const at::Tensor adaptation = at::where(y <= 127, dark, bright);
  // The authors subtract edges from 8-bit luma, which wraps: an edge pixel becomes one brighter.
  const at::Tensor rest = (luma - edges).to(at::kDouble);
  const at::Tensor masking =
      0.117 * range_of_windows(edges.to(at::kDouble)) + 0.351 * range_of_windows(rest);
  return (adaptation + masking - 0.3 * at::minimum(adaptation, masking)).to(at::kFloat);
}

at::Tensor edge_region(const at::Tensor& bytes) {
  const at::Tensor edges = canny_edges(bytes, kLowEdgeThreshold, kHighEdgeThreshold).to(at::kFloat);
  return at::max_pool2d(edges.unsqueeze(0).unsqueeze(0), 3, 1, 1)[0][0] > 0;
}

}  // namespace robiq
