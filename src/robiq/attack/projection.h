#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

/// The box of pictures in [0,1] within `epsilon` of `clean` in every value. Both are boxes, so that
/// clamping to it is the exact projection on their intersection.
struct LinfBall {
  /// \param clean  [N,3,H,W] in [0,1]   \param epsilon  in [0,1] units
  LinfBall(const at::Tensor& clean, double epsilon);
  [[nodiscard]] at::Tensor project(const at::Tensor& images) const;

  at::Tensor low, high;  ///< the ends, [N,3,H,W]
};

}  // namespace robiq
