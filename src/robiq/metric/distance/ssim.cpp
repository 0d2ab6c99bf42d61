#include "robiq/metric/distance/ssim.h"

#include <ATen/ATen.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

// Taken off the pictures before they are squared: E[x^2] - E[x]^2 would else lose, in float32, up
// to 1e-4 of the result on bright flat pictures.
constexpr double kMiddle = 0.5;
constexpr double kC1 = 0.01 * 0.01, kC2 = 0.03 * 0.03;

}  // namespace

SsimFactors ssim_factors(const at::Tensor& a, const at::Tensor& b, const LocalMean& mean,
                         double sample) {
  const at::Tensor x = a - kMiddle, y = b - kMiddle;
  // In groups: where only one picture is differentiated, the other's means have no backward pass.
  const std::vector<at::Tensor> of_x = mean(at::cat({x, x * x}, 1)).chunk(2, 1);
  const std::vector<at::Tensor> of_y = mean(at::cat({y, y * y}, 1)).chunk(2, 1);
  const at::Tensor &mean_x = of_x[0], &mean_y = of_y[0];
  const at::Tensor variance_x = of_x[1] - mean_x * mean_x;
  const at::Tensor variance_y = of_y[1] - mean_y * mean_y;
  const at::Tensor covariance = mean(x * y) - mean_x * mean_y;
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

namespace {

constexpr std::array kLevelExponents = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};

/// gaussian_mean() where the window lies inside: its border values do not enter.
at::Tensor inner_gaussian_mean(const at::Tensor& planes) {
  constexpr std::int64_t kBorder = kSsimWindow / 2;
  const std::int64_t height = planes.size(2) - 2 * kBorder, width = planes.size(3) - 2 * kBorder;
  return gaussian_mean(planes).narrow(2, kBorder, height).narrow(3, kBorder, width);
}

/// Half the size; where a side is odd, a row of zeros stands before and after it.
at::Tensor half_size(const at::Tensor& planes) {
  return at::avg_pool2d(planes, {2, 2}, {2, 2}, {planes.size(2) % 2, planes.size(3) % 2});
}

}  // namespace

at::Tensor unpadded_ssim(const at::Tensor& a, const at::Tensor& b) {
  check_comparable(a, b, "ssim");
  check_large_enough(a, kSsimWindow, "ssim");
  const SsimFactors factors = ssim_factors(a, b, inner_gaussian_mean);
  return picture_mean(factors.luminance * factors.structure);
}

at::Tensor unpadded_ms_ssim(const at::Tensor& a, const at::Tensor& b) {
  check_comparable(a, b, "ms-ssim");
  check_large_enough(a, kUnpaddedMsSsimSide, "ms-ssim");
  at::Tensor x = a, y = b;
  at::Tensor product = at::ones({a.size(0), a.size(1)}, a.options().requires_grad(false));
  for (std::size_t level = 0; level < kLevelExponents.size(); ++level) {
    if (level > 0) {
      x = half_size(x);
      y = half_size(y);
    }
    const SsimFactors factors = ssim_factors(x, y, inner_gaussian_mean);
    const bool last = level + 1 == kLevelExponents.size();
    const at::Tensor map = last ? factors.luminance * factors.structure : factors.structure;
    product = product * at::relu(plane_mean(map)).pow(kLevelExponents[level]);
  }
  return product.mean(1);
}

}  // namespace robiq
