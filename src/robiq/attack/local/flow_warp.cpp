#include "robiq/attack/local/flow_warp.h"

#include <ATen/ATen.h>

#include <cstdint>

#include "robiq/core/error.h"

namespace robiq {
namespace {

/// Two neighbouring pixels along an axis, and the share of the second.
struct AxisSample {
  at::Tensor first, second;  ///< [N,H,W], int64
  at::Tensor share;          ///< [N,H,W]
};

AxisSample axis_sample(const at::Tensor& offset, const at::Tensor& places, std::int64_t side) {
  const at::Tensor wanted = (offset + places).clamp(0, side - 1);
  const at::Tensor below = wanted.detach().floor().clamp_max(side - 2);
  const at::Tensor first = below.to(at::kLong);
  return {first, first + 1, wanted - below};
}

}  // namespace

at::Tensor flow_warped(const at::Tensor& images, const at::Tensor& flow) {
  const std::int64_t height = images.size(2), width = images.size(3);
  if (height < 2 || width < 2) {
    throw Error(ErrorKind::kData, {"a picture of one row or column cannot be warped", "stadv",
                                   "use pictures of two pixels a side or more"});
  }
  const at::Tensor rows = at::arange(height, flow.options()).view({1, height, 1});
  const at::Tensor columns = at::arange(width, flow.options()).view({1, 1, width});
  const AxisSample down = axis_sample(flow.select(1, 0), rows, height);
  const AxisSample across = axis_sample(flow.select(1, 1), columns, width);
  const at::Tensor pixels = images.flatten(2);
  const auto corner = [&](const at::Tensor& row, const at::Tensor& column) {
    const at::Tensor index = (row * width + column).flatten(1).unsqueeze(1);
    return pixels.gather(2, index.expand({-1, images.size(1), -1})).view_as(images);
  };
  const at::Tensor below = down.share.unsqueeze(1), right = across.share.unsqueeze(1);
  const at::Tensor upper =
      corner(down.first, across.first) * (1 - right) + corner(down.first, across.second) * right;
  const at::Tensor lower =
      corner(down.second, across.first) * (1 - right) + corner(down.second, across.second) * right;
  return upper * (1 - below) + lower * below;
}

at::Tensor flow_roughness(const at::Tensor& flow) {
  constexpr double kTiny = 1e-8;
  const std::int64_t height = flow.size(2), width = flow.size(3);
  const at::Tensor padded = at::constant_pad_nd(flow, {1, 1, 1, 1});
  at::Tensor sum;
  for (const std::int64_t row : {0, 2}) {
    for (const std::int64_t column : {0, 2}) {
      const at::Tensor neighbour = padded.narrow(2, row, height).narrow(3, column, width);
      const at::Tensor difference = (flow - neighbour).square().sum(1) + kTiny;
      const at::Tensor total = difference.sum(at::IntArrayRef{1, 2});
      sum = sum.defined() ? sum + total : total;
    }
  }
  return sum;
}

}  // namespace robiq
