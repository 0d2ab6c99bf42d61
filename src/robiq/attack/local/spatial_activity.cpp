#include "robiq/attack/local/spatial_activity.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace robiq {
namespace {

/// A 3 x 3 filter of every picture by itself, the picture continued by its border.
at::Tensor correlated(const at::Tensor& luma, const at::Tensor& kernel) {
  return at::conv2d(at::replication_pad2d(luma, {1, 1, 1, 1}), kernel.view({1, 1, 3, 3}));
}

/// BT.601 luma, studio swing in 0..1. \return [N,1,H,W] in double
at::Tensor activity_luma(const at::Tensor& images) {
  const at::Tensor weights =
      at::tensor({65.481, 128.553, 24.966}, at::kDouble).to(images.device()).view({1, 3, 1, 1});
  return ((images.detach().to(at::kDouble) * weights).sum(1, true) + 16) / 255;
}

at::Tensor widened(const at::Tensor& map) {
  return at::maximum(at::max_pool2d(map, {5, 3}, {1, 1}, {2, 1}),
                     at::max_pool2d(map, {3, 5}, {1, 1}, {1, 2}));
}

void clear_border(at::Tensor& map) {
  map.select(2, 0).zero_();
  map.select(2, map.size(2) - 1).zero_();
  map.select(3, 0).zero_();
  map.select(3, map.size(3) - 1).zero_();
}

}  // namespace

at::Tensor spatial_activity(const at::Tensor& images, ActivityRule rule) {
  const at::Tensor luma = activity_luma(images);
  const at::Tensor down = at::tensor({-1., -2., -1., 0., 0., 0., 1., 2., 1.}, at::kDouble)
                              .to(luma.device())
                              .view({3, 3}) /
                          8;
  at::Tensor activity =
      correlated(luma, down).square() + correlated(luma, down.t().contiguous()).square();
  if (rule == ActivityRule::kFmGoat) activity = activity.sqrt();
  clear_border(activity);
  const at::Tensor largest = activity.amax({2, 3}, true);
  const at::Tensor scaled = at::where(largest > 0, activity / largest, at::ones_like(activity));
  const at::Tensor map = widened(scaled);
  return (rule == ActivityRule::kFmGoat ? map / 255 : map).to(images.scalar_type());
}

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
