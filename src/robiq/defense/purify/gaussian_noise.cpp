#include "robiq/defense/purify/gaussian_noise.h"

#include <ATen/ATen.h>

namespace robiq {

at::Tensor normal_tensor(const Rng& rng, at::IntArrayRef shape) {
  const at::Tensor drawn = at::empty(shape, at::kFloat);
  RandomStream stream(rng);
  float* const values = drawn.data_ptr<float>();
  for (std::int64_t i = 0; i < drawn.numel(); ++i) values[i] = static_cast<float>(stream.normal());
  return drawn;
}

at::Tensor add_clipped_noise(const at::Tensor& images, const at::Tensor& noise, double sigma) {
  return (images + sigma * noise.to(images.device(), images.scalar_type())).clamp(0, 1);
}

}  // namespace robiq
