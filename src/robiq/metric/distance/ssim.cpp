#include "robiq/metric/distance/ssim.h"

#include <ATen/ATen.h>

#include <array>
#include <vector>

#include "robiq/metric/distance/fidelity.h"
#include "robiq/metric/distance/picture_mean.h"

namespace robiq {
namespace {

constexpr int kRadius = kSsimWindow / 2;
constexpr double kSigma = 1.5;
// Taken off the pictures before they are squared: E[x^2] - E[x]^2 would else lose, in float32, up
// to 1e-4 of the result on bright flat pictures.
constexpr double kMiddle = 0.5;
constexpr double kC1 = 0.01 * 0.01, kC2 = 0.03 * 0.03;

/// The window, [11,11], of sum 1.
at::Tensor gaussian_window() {
  const at::Tensor x = at::arange(-kRadius, kRadius + 1, at::kDouble) / kSigma;
  const at::Tensor row = at::exp(-0.5 * x * x);
  const at::Tensor window = at::outer(row, row);
  return (window / window.sum()).to(at::kFloat);
}

}  // namespace

at::Tensor gaussian_mean(const at::Tensor& planes) {
  // As one depthwise convolution this is 20 times faster on a CPU than with the planes as a batch,
  // and no slower than two passes, down and across.
  const std::int64_t count = planes.size(1);
  const at::Tensor padded = at::replication_pad2d(planes, {kRadius, kRadius, kRadius, kRadius});
  const at::Tensor kernels = gaussian_window()
                                 .to(planes.device())
                                 .expand({count, 1, kSsimWindow, kSsimWindow})
                                 .contiguous();
  const std::array<std::int64_t, 2> none{0, 0}, one{1, 1};
  return at::conv2d(padded, kernels, {}, at::IntArrayRef(one), at::IntArrayRef(none),
                    at::IntArrayRef(one), count);
}

SsimFactors ssim_factors(const at::Tensor& a, const at::Tensor& b, const LocalMean& mean,
                         double sample) {
  const at::Tensor x = a - kMiddle, y = b - kMiddle;
  const std::vector<at::Tensor> moments = mean(at::cat({x, y, x * x, y * y, x * y}, 1)).chunk(5, 1);
  const at::Tensor &mean_x = moments[0], &mean_y = moments[1];
  const at::Tensor variance_x = moments[2] - mean_x * mean_x;
  const at::Tensor variance_y = moments[3] - mean_y * mean_y;
  const at::Tensor covariance = moments[4] - mean_x * mean_y;
  const at::Tensor mean_a = mean_x + kMiddle, mean_b = mean_y + kMiddle;
  // Constants are divided rather than the variances multiplied: no pass over the pictures.
  const double c2 = kC2 / sample;
  return {(2 * mean_a * mean_b + kC1) / (mean_a * mean_a + mean_b * mean_b + kC1),
          (2 * covariance + c2) / (variance_x + variance_y + c2)};
}

at::Tensor ssim_map(const at::Tensor& a, const at::Tensor& b) {
  check_comparable(a, b, "ssim");
  check_large_enough(a, kSsimWindow, "ssim");
  const SsimFactors factors = ssim_factors(a, b, gaussian_mean);
  return factors.luminance * factors.structure;
}

at::Tensor ssim(const at::Tensor& a, const at::Tensor& b) { return picture_mean(ssim_map(a, b)); }

}  // namespace robiq
