#include "robiq/metric/distance/picture_mean.h"

#include <ATen/ATen.h>

#include <array>

namespace robiq {

at::Tensor picture_mean(const at::Tensor& maps) {
  return maps.mean(3).mean({1, 2}, false, at::kDouble).to(maps.scalar_type());
}

at::Tensor plane_mean(const at::Tensor& maps) {
  return maps.mean(3).mean(2, false, at::kDouble).to(maps.scalar_type());
}

at::Tensor picture_norm(const at::Tensor& maps) {
  // at::norm adds up without pairs, so a row of float32 would already be too long for it.
  const std::array<std::int64_t, 1> values{1};
  return at::norm(maps.flatten(1), 2, at::IntArrayRef(values), false, at::kDouble)
      .to(maps.scalar_type());
}

}  // namespace robiq
