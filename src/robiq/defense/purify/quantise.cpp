#include "robiq/defense/purify/quantise.h"

#include <ATen/ATen.h>

namespace robiq {

at::Tensor quantise_levels(const at::Tensor& images, std::int64_t levels) {
  const auto steps = static_cast<double>(levels - 1);
  return (images.detach() * steps).round().div(steps);
}

}  // namespace robiq
