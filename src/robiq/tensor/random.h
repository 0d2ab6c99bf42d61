#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "robiq/core/rng.h"

namespace robiq {

/// A torch generator seeded by a position, to hand to at::rand and friends.
[[nodiscard]] at::Generator torch_generator(const Rng& rng, c10::Device device);

/// Uniform in [low, high), float32, drawn on the CPU so that every device gets the same numbers.
[[nodiscard]] at::Tensor uniform_tensor(const Rng& rng, at::IntArrayRef shape, double low,
                                        double high, c10::Device device);

/// Standard normal, float32 on the CPU, likewise.
[[nodiscard]] at::Tensor normal_tensor(const Rng& rng, at::IntArrayRef shape);

/// Seeds the global generators, which dropout alone uses. Trainer and the defenses call it before
/// a forward pass, so that a mask is a function of the step.
void seed_torch_globals(const Rng& rng);

/// Says, for the life of the guard and this thread, which rows of a larger batch the forward passes
/// see. Random masks are then those that the rows would have had in the whole batch, so that a
/// batch that is cut among processes, or worked through in parts, gives what the whole one gives.
/// Each part begins with the same seed_torch_globals().
class ScopedBatchRows {
 public:
  ScopedBatchRows(std::int64_t first_row, std::int64_t rows_of_all);
  ~ScopedBatchRows();
  ScopedBatchRows(const ScopedBatchRows&) = delete;
  ScopedBatchRows& operator=(const ScopedBatchRows&) = delete;

 private:
  std::int64_t outer_first_, outer_of_all_;
};

/// Ones and zeros, drawn from the global generator: 1 with probability `kept`. Under
/// ScopedBatchRows the mask of the whole batch is drawn, and cut to the rows at hand.
/// \param shape  [N,...]; under ScopedBatchRows N may be at most the rows of all minus the first
[[nodiscard]] at::Tensor row_mask(double kept, at::IntArrayRef shape, const at::Tensor& like);

/// Dropout (Srivastava et al. 2014): in training each value is zero with probability `rate`, else
/// divided by 1 - rate. A process alone draws what torch::nn::Dropout draws.
/// \param input  [N,...], one row a picture
[[nodiscard]] at::Tensor row_dropout(const at::Tensor& input, double rate, bool training);

}  // namespace robiq
