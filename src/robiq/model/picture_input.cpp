#include "robiq/model/picture_input.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "robiq/core/error.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/resample.h"

namespace robiq {
namespace {

/// The picture with its shorter side brought up to `least`.
at::Tensor enlarged(const at::Tensor& bytes, std::int64_t least) {
  const std::int64_t height = bytes.size(1), width = bytes.size(2);
  const std::int64_t shorter = std::min(height, width);
  const auto scaled = [&](std::int64_t length) { return (length * least + shorter - 1) / shorter; };
  if (scaled(height) > kMaxPicturePixels / scaled(width)) {
    throw Error(ErrorKind::kData, {"a picture of " + std::to_string(width) + "x" +
                                       std::to_string(height) + " would become too large",
                                   "--fit", "give a picture whose sides are less unequal"});
  }
  return resize_bytes(bytes, scaled(height), scaled(width));
}

}  // namespace

at::Tensor picture_input(const at::Tensor& bytes, const ModelCard& card, const ViewPolicy& policy,
                         bool fit, c10::Device device) {
  at::Tensor input = bytes;
  const std::int64_t least = std::max(card.min_side, policy.side);
  if (policy.resize_height > 0) {
    input = resize_bytes(bytes, policy.resize_height, policy.resize_width);
  } else if (fit && std::min(bytes.size(1), bytes.size(2)) < least) {
    input = enlarged(bytes, least);
  }
  return to_float(input.to(device)).unsqueeze(0);
}

WholePicture whole_picture(const at::Tensor& bytes, const ModelCard& card, const ViewPolicy& policy,
                           bool fit, c10::Device device, const Rng& rng) {
  ViewPolicy own_size = policy;
  own_size.resize_height = own_size.resize_width = 0;
  WholePicture whole{picture_input(bytes, card, own_size, fit, device), {}, {}};
  whole.resize = {policy.resize_height, policy.resize_width};
  const bool resized = policy.resize_height > 0;
  whole.views = make_views(policy, resized ? policy.resize_height : whole.picture.size(2),
                           resized ? policy.resize_width : whole.picture.size(3), rng);
  return whole;
}

}  // namespace robiq
