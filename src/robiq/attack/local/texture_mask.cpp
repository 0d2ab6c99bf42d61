#include "robiq/attack/local/texture_mask.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace robiq {

at::Tensor texture_mask(const at::Tensor& images) {
  constexpr double kFaint = 0.01, kTiny = 1e-12;
  // In double: a variance is the small difference of two means.
  const at::Tensor planes = images.to(at::kDouble);
  const auto local_mean = [](const at::Tensor& x) { return at::avg_pool2d(x, 3, 1, 1); };
  const at::Tensor mean = local_mean(planes);
  const at::Tensor variance = (local_mean(planes.square()) - mean.square()).clamp_min(0);
  const at::Tensor ratio = variance.sqrt() / mean.clamp_min(kTiny);
  const at::Tensor largest = ratio.amax({2, 3}, true).clamp_min(kTiny);
  const at::Tensor relative = ratio / largest;
  return at::where(relative < kFaint, at::zeros_like(relative), relative)
      .sqrt()
      .to(images.scalar_type());
}

at::Tensor strongest_waves(const at::Tensor& images, const at::Tensor& reference, double part) {
  const std::int64_t height = images.size(2), width = images.size(3), waves = height * width;
  const auto wanted = static_cast<std::int64_t>(std::ceil(part * static_cast<double>(waves)));
  const std::int64_t kept = std::clamp<std::int64_t>(wanted, 1, waves);
  const at::Tensor strength = at::fft_fft2(reference).abs();
  // The weakest that is kept: of the waves - kept + 1 smallest the largest.
  const at::Tensor least = std::get<0>(strength.flatten(2).kthvalue(waves - kept + 1, 2));
  const at::Tensor mask = strength >= least.unsqueeze(2).unsqueeze(3);
  return at::real(at::fft_ifft2(at::fft_fft2(images) * mask)).contiguous();
}

}  // namespace robiq
