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

}  // namespace robiq
