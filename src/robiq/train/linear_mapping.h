#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

/// mos = k * output + b, one pair for each column of outputs.
struct LinearMapping {
  at::Tensor k, b;  ///< float64 [K]
};

/// The least-squares maps from a model's raw outputs to opinion scores, as LinearityIQA needs them
/// after training: its loss fixes neither scale nor offset. k is negative where a column runs
/// against the scores.
/// \param outputs  [M,K], training_outputs() of the whole training set in evaluation mode
/// \param mos      [M], native scale
/// \throws Error{kNumeric} for fewer than two rows, for numbers that are not finite and for a
/// column that is constant: no map then exists.
[[nodiscard]] LinearMapping linear_mapping(const at::Tensor& outputs, const at::Tensor& mos);

}  // namespace robiq
