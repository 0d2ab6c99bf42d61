#include "robiq/attack/boundary/noticeable.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

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

namespace {

/// Tangents of 22.5 and 67.5 degrees, the borders of the sectors.
constexpr double kTan22 = 0.4142135623730951, kTan67 = 2.414213562373095;

/// Of each pixel the derivatives of the channel with the largest gradient, int32 [H,W] each.
struct SobelGradient {
  at::Tensor across, down, norm;
};

SobelGradient sobel_gradient(const at::Tensor& bytes) {
  const at::Tensor values = bytes.to(at::kCPU, at::kDouble).unsqueeze(1);  // channels as a batch
  const at::Tensor padded = at::replication_pad2d(values, {1, 1, 1, 1});
  const at::Tensor kernel =
      at::tensor({-1, 0, 1, -2, 0, 2, -1, 0, 1}, at::kDouble).view({1, 1, 3, 3});
  const at::Tensor across = at::conv2d(padded, kernel).squeeze(1);
  const at::Tensor down = at::conv2d(padded, kernel.transpose(2, 3)).squeeze(1);
  const at::Tensor norms = across.abs() + down.abs();
  at::Tensor best = at::zeros_like(norms[0], at::kLong);
  at::Tensor largest = norms[0].clone();
  for (std::int64_t channel = 1; channel < norms.size(0); ++channel) {
    const at::Tensor larger = norms[channel] > largest;
    best.masked_fill_(larger, channel);
    largest = at::where(larger, norms[channel], largest);
  }
  const auto chosen = [&](const at::Tensor& all) {
    return all.gather(0, best.unsqueeze(0))[0].to(at::kInt).contiguous();
  };
  return {chosen(across), chosen(down), largest.to(at::kInt).contiguous()};
}

/// Pixels whose gradient is over `low` and largest across the edge.
class EdgeThinning {
 public:
  explicit EdgeThinning(const SobelGradient& gradient)
      : height_(gradient.norm.size(0)),
        width_(gradient.norm.size(1)),
        across_(gradient.across.data_ptr<int>()),
        down_(gradient.down.data_ptr<int>()),
        norm_(gradient.norm.data_ptr<int>()) {}

  /// The gradient's norm; 0 outside.
  [[nodiscard]] int norm(std::int64_t y, std::int64_t x) const {
    return y < 0 || x < 0 || y >= height_ || x >= width_ ? 0 : norm_[y * width_ + x];
  }
  [[nodiscard]] bool is_ridge(std::int64_t y, std::int64_t x) const {
    const std::int64_t i = y * width_ + x;
    const double dx = std::fabs(across_[i]), dy = std::fabs(down_[i]);
    const int here = norm_[i];
    if (dy < dx * kTan22) return here > norm(y, x - 1) && here >= norm(y, x + 1);
    if (dy > dx * kTan67) return here > norm(y - 1, x) && here >= norm(y + 1, x);
    const std::int64_t side = (across_[i] < 0) != (down_[i] < 0) ? -1 : 1;
    return here > norm(y - 1, x - side) && here > norm(y + 1, x + side);
  }

 private:
  std::int64_t height_, width_;
  const int *across_, *down_, *norm_;
};

}  // namespace

at::Tensor canny_edges(const at::Tensor& bytes, int low, int high) {
  const SobelGradient gradient = sobel_gradient(bytes);
  const std::int64_t height = bytes.size(1), width = bytes.size(2);
  const EdgeThinning thinning(gradient);
  at::Tensor weak = at::zeros({height, width}, at::kBool),
             edges = at::zeros({height, width}, at::kByte);
  auto* const is_weak = weak.data_ptr<bool>();
  auto* const edge = edges.data_ptr<std::uint8_t>();
  std::vector<std::pair<std::int64_t, std::int64_t>> waiting;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      const int norm = thinning.norm(y, x);
      if (norm <= low || !thinning.is_ridge(y, x)) continue;
      is_weak[y * width + x] = true;
      if (norm > high) waiting.emplace_back(y, x);
    }
  }
  for (const auto& [y, x] : waiting) edge[y * width + x] = 255;
  while (!waiting.empty()) {  // weak pixels that touch an edge belong to it
    const auto [row, column] = waiting.back();
    waiting.pop_back();
    for (std::int64_t y = row - 1; y <= row + 1; ++y) {
      for (std::int64_t x = column - 1; x <= column + 1; ++x) {
        if (y < 0 || x < 0 || y >= height || x >= width) continue;
        const std::int64_t i = y * width + x;
        if (!is_weak[i] || edge[i] != 0) continue;
        edge[i] = 255;
        waiting.emplace_back(y, x);
      }
    }
  }
  return edges;
}

}  // namespace robiq
