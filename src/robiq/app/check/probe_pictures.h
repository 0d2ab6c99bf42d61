#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace robiq {

/// Built-in pictures of different quality to try a model on: scenes, the first pristine, the others
/// distorted, with values away from 0 and 1, where clipping would hide a slope.
/// \return float32 [count,3,height,width] in [0.05, 0.95]
[[nodiscard]] at::Tensor probe_pictures(std::int64_t count, std::int64_t height,
                                        std::int64_t width);

}  // namespace robiq
