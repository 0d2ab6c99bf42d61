#include "robiq/defense/purify/pixel_operations.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "robiq/core/error.h"
#include "robiq/defense/purify/purifier.h"
#include "robiq/tensor/squares.h"

namespace robiq {
namespace {

/// The median of every square, with the gradient shared by its equals. \param squares  [...,n]
at::Tensor shared_median(const at::Tensor& squares) {
  const at::Tensor median = std::get<0>(squares.detach().median(-1));
  if (!squares.requires_grad()) return median;
  const at::Tensor chosen = squares.detach().eq(median.unsqueeze(-1)).to(squares.scalar_type());
  const at::Tensor shares = chosen / chosen.sum(-1, true);
  return with_gradient_of(median, (squares * shares).sum(-1));
}

}  // namespace

std::vector<double> gaussian_weights(std::int64_t size, double sigma) {
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    const double t = static_cast<double>(i) - static_cast<double>(size - 1) / 2;
    weights.push_back(std::exp(-t * t / (2 * sigma * sigma)));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

double sigma_of_kernel(std::int64_t size) {
  return 0.3 * (static_cast<double>(size - 1) / 2 - 1) + 0.8;
}

at::Tensor gaussian_blur(const at::Tensor& planes, std::int64_t size, double sigma) {
  check_purifier_side(planes, size / 2 + 1, "gaussian blur");
  const at::Tensor taps = at::tensor(gaussian_weights(size, sigma), at::kDouble)
                              .to(planes.device(), planes.scalar_type());
  const std::int64_t reach = size / 2, n = planes.size(0), c = planes.size(1);
  const at::Tensor padded = at::reflection_pad2d(planes, {reach, reach, reach, reach});
  const at::Tensor alone = padded.reshape({n * c, 1, padded.size(2), padded.size(3)});
  const at::Tensor across = at::conv2d(alone, taps.view({1, 1, 1, size}));
  return at::conv2d(across, taps.view({1, 1, size, 1}))
      .view({n, c, planes.size(2), planes.size(3)});
}

at::Tensor median_blur(const at::Tensor& planes, std::int64_t size) {
  check_purifier_side(planes, size / 2 + 1, "median blur");
  const std::int64_t reach = size / 2;
  const at::Tensor padded =
      at::reflection_pad2d(planes, {reach, reach, reach, reach}).flatten(0, 1);
  std::vector<at::Tensor> medians;
  for (std::int64_t i = 0; i < padded.size(0); ++i) {
    medians.push_back(over_squares(padded.narrow(0, i, 1), size, shared_median));
  }
  return at::cat(medians).view(planes.sizes());
}

void check_odd_kernel(std::int64_t size, const Params& given, const std::string& who) {
  if (size % 2 == 1) return;
  const auto it = given.find("kernel");
  throw Error(ErrorKind::kUsage,
              {"a kernel of " + std::to_string(size) + " has no middle",
               it == given.end() ? who : it->second.where, "give an odd kernel, such as 3 or 5"});
}

at::Tensor quantise_levels(const at::Tensor& images, std::int64_t levels) {
  const auto steps = static_cast<double>(levels - 1);
  return (images.detach() * steps).round().div(steps);
}

at::Tensor add_clipped_noise(const at::Tensor& images, const at::Tensor& noise, double sigma) {
  return (images + sigma * noise.to(images.device(), images.scalar_type())).clamp(0, 1);
}

}  // namespace robiq
