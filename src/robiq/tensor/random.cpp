#include "robiq/tensor/random.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

namespace robiq {

at::Generator torch_generator(const Rng& rng, c10::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(rng.key());
  return generator;
}

at::Tensor uniform_tensor(const Rng& rng, at::IntArrayRef shape, double low, double high,
                          c10::Device device) {
  const at::Tensor drawn = at::empty(shape, at::kFloat);
  RandomStream stream(rng);
  float* const values = drawn.data_ptr<float>();
  for (std::int64_t i = 0; i < drawn.numel(); ++i) {
    values[i] = static_cast<float>(stream.uniform(low, high));
  }
  return drawn.to(device);
}

at::Tensor normal_tensor(const Rng& rng, at::IntArrayRef shape) {
  const at::Tensor drawn = at::empty(shape, at::kFloat);
  RandomStream stream(rng);
  float* const values = drawn.data_ptr<float>();
  for (std::int64_t i = 0; i < drawn.numel(); ++i) values[i] = static_cast<float>(stream.normal());
  return drawn;
}

void seed_torch_globals(const Rng& rng) { at::manual_seed(rng.key()); }

namespace {

/// 0 rows: nobody has said.
struct BatchRows {
  std::int64_t first = 0, of_all = 0;
};

BatchRows& rows_of_thread() {
  thread_local BatchRows rows;
  return rows;
}

}  // namespace

ScopedBatchRows::ScopedBatchRows(std::int64_t first_row, std::int64_t rows_of_all)
    : outer_first_(rows_of_thread().first), outer_of_all_(rows_of_thread().of_all) {
  rows_of_thread() = {first_row, rows_of_all};
}

ScopedBatchRows::~ScopedBatchRows() { rows_of_thread() = {outer_first_, outer_of_all_}; }

at::Tensor row_mask(double kept, at::IntArrayRef shape, const at::Tensor& like) {
  const BatchRows rows = rows_of_thread();
  std::vector<std::int64_t> whole = shape.vec();
  if (rows.of_all > 0) whole[0] = rows.of_all;
  const at::Tensor mask = at::empty(whole, like.options().requires_grad(false)).bernoulli_(kept);
  return rows.of_all > 0 ? mask.narrow(0, rows.first, shape[0]) : mask;
}

at::Tensor row_dropout(const at::Tensor& input, double rate, bool training) {
  if (rate == 0 || !training) return input;
  return input * (row_mask(1 - rate, input.sizes(), input) / (1 - rate));
}

}  // namespace robiq
