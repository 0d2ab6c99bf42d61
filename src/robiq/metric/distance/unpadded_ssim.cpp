#include "robiq/metric/distance/unpadded_ssim.h"

#include <ATen/ATen.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "robiq/metric/distance/fidelity.h"
#include "robiq/metric/distance/picture_mean.h"
#include "robiq/metric/distance/ssim.h"

namespace robiq {
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
