#include "robiq/attack/filters/luma.h"

#include <ATen/ATen.h>

namespace robiq {

at::Tensor luma_of(const at::Tensor& images) {
  return 0.299 * images.narrow(1, 0, 1) + 0.587 * images.narrow(1, 1, 1) +
         0.114 * images.narrow(1, 2, 1);
}

at::Tensor luma_bytes(const at::Tensor& images) {
  const at::Tensor levels = (255 * luma_of(images) + 0.5).floor().clamp(0, 255);
  return levels.to(at::kByte).cpu().contiguous();
}

}  // namespace robiq
