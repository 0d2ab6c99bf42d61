#include "robiq/metric/distance/gaussian_mean.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "robiq/core/parallel.h"

namespace robiq {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

constexpr std::int64_t kWindowRadius = kSsimWindow / 2;
constexpr double kWindowSigma = 1.5;

using Window = std::array<double, kSsimWindow>;

/// The window in one direction, of sum 1; the whole is its outer product with itself.
Window window_row() {
  Window row{};
  double sum = 0;
  for (std::int64_t i = -kWindowRadius; i <= kWindowRadius; ++i) {
    const double x = static_cast<double>(i) / kWindowSigma;
    sum += row[static_cast<std::size_t>(i + kWindowRadius)] = std::exp(-0.5 * x * x);
  }
  for (double& weight : row) weight /= sum;
  return row;
}

/// The distinct weights: at the distances 5, 4, ..., 0 from the middle.
std::array<float, kWindowRadius + 1> half_window() {
  const Window row = window_row();
  std::array<float, kWindowRadius + 1> half{};
  std::copy_n(row.begin(), half.size(), half.begin());
  return half;
}

using Rows = std::array<const float*, kSsimWindow>;

/// out[x] = the weighted sum of the 11 rows at x.
void weigh(const Rows& rows, const std::array<float, kWindowRadius + 1>& half, float* out,
           std::int64_t width) {
  for (std::int64_t x = 0; x < width; ++x) {
    float sum = half[kWindowRadius] * rows[kWindowRadius][x];
    for (std::size_t i = 0; i < kWindowRadius; ++i) {
      sum += half[i] * (rows[i][x] + rows[kSsimWindow - 1 - i][x]);
    }
    out[x] = sum;
  }
}

/// The 11 rows that begin one value after the other in one row.
Rows shifted(const float* row) {
  Rows rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = row + i;
  return rows;
}

/// Takes the means of single planes, and passes slopes back through them. Down first, then across,
/// which takes 22 products a pixel in place of 121.
class PlaneMean {
 public:
  PlaneMean(std::int64_t height, std::int64_t width)
      : height_(height),
        width_(width),
        half_(half_window()),
        row_(static_cast<std::size_t>(width + 4 * kWindowRadius)),
        line_(static_cast<std::size_t>(width + 2 * kWindowRadius)),
        zeros_(static_cast<std::size_t>(width)),
        plane_(static_cast<std::size_t>(height * width)) {}

  void mean(const float* in, float* out) {
    for (std::int64_t y = 0; y < height_; ++y) {
      Rows rows{};
      for (std::int64_t i = 0; i < kSsimWindow; ++i) {
        const std::int64_t from = std::clamp<std::int64_t>(y + i - kWindowRadius, 0, height_ - 1);
        rows[static_cast<std::size_t>(i)] = in + from * width_;
      }
      float* const row = row_.data();
      weigh(rows, half_, row + kWindowRadius, width_);
      std::fill_n(row, kWindowRadius, row[kWindowRadius]);
      std::fill_n(row + kWindowRadius + width_, kWindowRadius, row[kWindowRadius + width_ - 1]);
      weigh(shifted(row), half_, out + y * width_, width_);
    }
  }

  /// The adjoint: what lies beyond the border belongs to the border.
  void slope(const float* in, float* out) {
    for (std::int64_t y = 0; y < height_; ++y) slope_across(in + y * width_, line(y));
    std::fill_n(out, height_ * width_, 0.0F);
    for (std::int64_t y = -kWindowRadius; y < height_ + kWindowRadius; ++y) {
      Rows rows{};
      for (std::int64_t i = 0; i < kSsimWindow; ++i) {
        const std::int64_t from = y + i - kWindowRadius;
        const bool inside = from >= 0 && from < height_;
        rows[static_cast<std::size_t>(i)] = inside ? line(from) : zeros_.data();
      }
      weigh(rows, half_, line_.data(), width_);
      float* const to = out + std::clamp<std::int64_t>(y, 0, height_ - 1) * width_;
      for (std::int64_t x = 0; x < width_; ++x) to[x] += line_[static_cast<std::size_t>(x)];
    }
  }

 private:
  float* line(std::int64_t y) { return plane_.data() + y * width_; }

  void slope_across(const float* in, float* out) {
    std::fill(row_.begin(), row_.end(), 0.0F);
    std::copy_n(in, width_, row_.data() + 2 * kWindowRadius);
    weigh(shifted(row_.data()), half_, line_.data(), width_ + 2 * kWindowRadius);
    const float* const line = line_.data();
    std::copy_n(line + kWindowRadius, width_, out);
    for (std::int64_t i = 0; i < kWindowRadius; ++i) {
      out[0] += line[i];
      out[width_ - 1] += line[kWindowRadius + width_ + i];
    }
  }

  std::int64_t height_, width_;
  std::array<float, kWindowRadius + 1> half_;
  std::vector<float> row_, line_, zeros_, plane_;
};

/// Does `work` to every plane, each on one thread, so that the sums are the same with any number.
at::Tensor over_planes(const at::Tensor& planes,
                       void (PlaneMean::*work)(const float* in, float* out)) {
  const at::Tensor in = planes.contiguous();
  at::Tensor out = at::empty_like(in);
  const std::int64_t height = in.size(2), width = in.size(3), size = height * width;
  const float* const from = in.data_ptr<float>();
  float* const to = out.data_ptr<float>();
  constexpr std::int64_t kShare = 1 << 15;  // pixels that are worth a thread
  const std::int64_t planes_a_thread = std::max<std::int64_t>(1, kShare / size);
  for_each_range(in.size(0) * in.size(1), planes_a_thread, at::get_num_threads(),
                 [&](std::int64_t first, std::int64_t last) {
                   PlaneMean plane(height, width);
                   for (std::int64_t i = first; i < last; ++i) {
                     (plane.*work)(from + i * size, to + i * size);
                   }
                 });
  return out;
}

/// The mean on a CPU and its adjoint: each is the other's backward pass.
class Mean : public torch::autograd::Function<Mean> {
 public:
  static Variable forward(AutogradContext* /*context*/, const Variable& planes) {
    return over_planes(planes, &PlaneMean::mean);
  }
  static variable_list backward(AutogradContext* /*context*/, const variable_list& slopes);
};

class Adjoint : public torch::autograd::Function<Adjoint> {
 public:
  static Variable forward(AutogradContext* /*context*/, const Variable& slopes) {
    return over_planes(slopes, &PlaneMean::slope);
  }
  static variable_list backward(AutogradContext* /*context*/, const variable_list& slopes) {
    return {Mean::apply(slopes[0])};
  }
};

variable_list Mean::backward(AutogradContext* /*context*/, const variable_list& slopes) {
  return {Adjoint::apply(slopes[0])};
}

/// On other devices: one depthwise convolution with the whole window.
at::Tensor convolved(const at::Tensor& planes) {
  const Window values = window_row();
  const at::Tensor row =
      at::tensor(at::ArrayRef<double>(values.data(), values.size()), at::kDouble);
  const std::int64_t count = planes.size(1);
  const at::Tensor padded =
      at::replication_pad2d(planes, {kWindowRadius, kWindowRadius, kWindowRadius, kWindowRadius});
  const at::Tensor kernels = at::outer(row, row)
                                 .to(planes.options().requires_grad(false))
                                 .expand({count, 1, kSsimWindow, kSsimWindow})
                                 .contiguous();
  const std::array<std::int64_t, 2> none{0, 0}, ones{1, 1};
  return at::conv2d(padded, kernels, {}, at::IntArrayRef(ones), at::IntArrayRef(none),
                    at::IntArrayRef(ones), count);
}

}  // namespace

at::Tensor gaussian_mean(const at::Tensor& planes) {
  const bool plain = planes.device().is_cpu() && planes.scalar_type() == at::kFloat;
  return plain ? Mean::apply(planes) : convolved(planes);
}

}  // namespace robiq
