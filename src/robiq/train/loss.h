#pragma once
#include <ATen/core/Tensor.h>

#include "robiq/core/options/registry.h"

namespace robiq {

/// Distance between predicted scores and opinion scores, the task's part of the training loss.
class Loss {
 public:
  static constexpr const char* kNoun = "loss";
  virtual ~Loss() = default;
  /// \param predicted  [N,K], a model's training_outputs(); K > 1 is averaged over the columns
  /// \param mos        [N], constants on the same scale
  /// \return scalar
  [[nodiscard]] virtual at::Tensor value(const at::Tensor& predicted,
                                         const at::Tensor& mos) const = 0;
  /// Whether the value is the mean, over the pictures, of what each has alone. A batch can then be
  /// taken in pieces without looking at all of it first.
  [[nodiscard]] virtual bool is_mean_over_pictures() const { return false; }
};

template <>
Registry<Loss>& Registry<Loss>::instance();

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
