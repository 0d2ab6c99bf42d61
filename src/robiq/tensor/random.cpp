#include "robiq/tensor/random.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

namespace robiq {

at::Generator torch_generator(const Rng& at, c10::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(at.key());
  return generator;
}

at::Tensor uniform_tensor(const Rng& at, at::IntArrayRef shape, double low, double high,
                          c10::Device device) {
  const at::Tensor drawn = at::empty(shape, at::kFloat);
  RandomStream stream(at);
  float* const values = drawn.data_ptr<float>();
  for (std::int64_t i = 0; i < drawn.numel(); ++i) {
    values[i] = static_cast<float>(stream.uniform(low, high));
  }
  return drawn.to(device);
}

void seed_torch_globals(const Rng& at) { at::manual_seed(at.key()); }

}  // namespace robiq
