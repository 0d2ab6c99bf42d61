#include "robiq/metric/distance/fidelity.h"

#include <ATen/ATen.h>

#include <array>
#include <sstream>

#include "robiq/core/error.h"
#include "robiq/tensor/image_batch.h"

namespace robiq {

template <>
Registry<Fidelity>& Registry<Fidelity>::instance() {
  static Registry<Fidelity> the_registry;
  return the_registry;
}

Fidelity::Comparison Fidelity::against(const at::Tensor& a) const {
  return [this, a](const at::Tensor& b) { return compare(a, b); };
}

void check_comparable(const at::Tensor& a, const at::Tensor& b, const std::string& who) {
  check_images(a, who);
  check_images(b, who);
  if (a.sizes() == b.sizes()) return;
  std::ostringstream what;
  what << who << " got pictures of different shapes, " << a.sizes() << " and " << b.sizes();
  throw Error(ErrorKind::kData,
              {what.str(), who, "compare pictures of the same number, height and width"});
}

void check_large_enough(const at::Tensor& images, std::int64_t side, const std::string& who) {
  const std::int64_t height = images.size(2), width = images.size(3);
  if (height >= side && width >= side) return;
  const std::string least = std::to_string(side);
  throw Error(ErrorKind::kData,
              {"a picture of " + std::to_string(width) + "x" + std::to_string(height) +
                   " pixels is too small for " + who,
               who, "give pictures of at least " + least + "x" + least + " pixels"});
}

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
