#pragma once
#include <ATen/core/Tensor.h>

#include "robiq/core/registry.h"

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
};

template <>
Registry<Loss>& Registry<Loss>::instance();

}  // namespace robiq
