#pragma once
#include <ATen/core/Tensor.h>

#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// DnCNN for colour pictures (Zhang et al., TIP 2017) as certified quality scores use it: 17
/// convolutions of 64 channels, 3x3, with batch normalisation between; it predicts the noise.
class DnCnn {
 public:
  /// \param state  "dncnn.0.weight" and ".bias"; "dncnn.<2+3i>.weight" and "dncnn.<3+3i>.weight",
  ///               ".bias", ".running_mean", ".running_var" for i = 0..14; "dncnn.47.weight".
  ///               "num_batches_tracked" may be there too
  /// \throws Error{kModel} naming the first tensor that is missing, left over or misshapen
  explicit DnCnn(TensorMap state);

  /// images - noise, not clipped. \param images  [N,3,H,W]   \return the same shape
  [[nodiscard]] at::Tensor operator()(const at::Tensor& images) const;

 private:
  TensorMap state_;
};

}  // namespace robiq
