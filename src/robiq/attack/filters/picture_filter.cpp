#include "robiq/attack/filters/picture_filter.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "robiq/core/error.h"

namespace robiq {

template <>
Registry<PictureFilter>& Registry<PictureFilter>::instance() {
  static Registry<PictureFilter> the_registry;
  return the_registry;
}

std::string PictureFilter::refusal(double strength) const {
  const FilterCard& facts = card();
  if (!(strength >= facts.least && strength <= facts.most)) {
    return "it takes " + number_text(facts.least) + " to " + number_text(facts.most);
  }
  if (facts.whole_numbers && strength != std::round(strength)) return "it takes whole numbers";
  return objection(strength);
}

void PictureFilter::check_strength(double strength) const {
  const std::string why = refusal(strength);
  if (why.empty()) return;
  throw Error(ErrorKind::kUsage,
              {"strength " + number_text(strength) + " is not one of the filter " + card().name,
               "strength", why});
}

at::Tensor PictureFilter::apply(const at::Tensor& images, double strength,
                                const at::Tensor& draws) const {
  check_strength(strength);
  if (card().needs_draws && !draws.defined()) {
    throw Error(ErrorKind::kInternal,
                {"the filter " + card().name + " was given no draws", "", "report this as a bug"});
  }
  return filtered(images, strength, draws).clamp(0, 1);
}

at::Tensor luma_of(const at::Tensor& images) {
  return 0.299 * images.narrow(1, 0, 1) + 0.587 * images.narrow(1, 1, 1) +
         0.114 * images.narrow(1, 2, 1);
}

at::Tensor luma_bytes(const at::Tensor& images) {
  const at::Tensor levels = (255 * luma_of(images) + 0.5).floor().clamp(0, 255);
  return levels.to(at::kByte).cpu().contiguous();
}

namespace {

/// Which of `side` pixels stands at each place of a mirrored axis.
at::Tensor mirrored_places(std::int64_t side, std::int64_t radius, c10::Device device) {
  std::vector<std::int64_t> places;
  const std::int64_t period = side > 1 ? 2 * (side - 1) : 1;
  for (std::int64_t i = -radius; i < side + radius; ++i) {
    const std::int64_t turn = std::abs(i) % period;
    places.push_back(turn < side ? turn : period - turn);
  }
  return at::tensor(places, at::kLong).to(device);
}

at::Tensor gaussian_weights(double sigma, std::int64_t radius, const at::Tensor& like) {
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t i = -radius; i <= radius; ++i) {
    weights.push_back(std::exp(-static_cast<double>(i * i) / (2 * sigma * sigma)));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
  return at::tensor(weights, at::kDouble).to(like.options());
}

}  // namespace

at::Tensor mirror_pad(const at::Tensor& images, std::int64_t radius) {
  const c10::Device device = images.device();
  return images.index_select(2, mirrored_places(images.size(2), radius, device))
      .index_select(3, mirrored_places(images.size(3), radius, device));
}

at::Tensor gaussian_blur(const at::Tensor& images, double sigma, std::int64_t radius) {
  const std::int64_t channels = images.size(1), side = 2 * radius + 1;
  const at::Tensor weights = gaussian_weights(sigma, radius, images);
  const at::Tensor down = weights.view({1, 1, side, 1}).repeat({channels, 1, 1, 1});
  const at::Tensor across = weights.view({1, 1, 1, side}).repeat({channels, 1, 1, 1});
  const std::int64_t stride = 1, padding = 0, dilation = 1;
  const at::Tensor padded = mirror_pad(images, radius);
  const at::Tensor columns = at::conv2d(padded, down, {}, stride, padding, dilation, channels);
  return at::conv2d(columns, across, {}, stride, padding, dilation, channels);
}

}  // namespace robiq
