#include "robiq/attack/projection.h"

#include <ATen/ATen.h>

namespace robiq {

LinfBall::LinfBall(const at::Tensor& clean, double epsilon)
    : low((clean - epsilon).clamp_(0, 1)), high((clean + epsilon).clamp_(0, 1)) {}

at::Tensor LinfBall::project(const at::Tensor& images) const {
  return at::min(at::max(images, low), high);
}

}  // namespace robiq
