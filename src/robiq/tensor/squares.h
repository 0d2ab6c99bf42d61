#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace robiq {

/// What is made of the square around every place of padded planes, some rows at a time: all squares
/// of a photograph of 12 megapixels take gigabytes.
/// \param padded  [P,h,w]
/// \param side    of a square, in pixels
/// \param work    of squares [P,r,w-side+1,side*side] of some rows, one value each: [P,r,w-side+1]
/// \return [P,h-side+1,w-side+1]
[[nodiscard]] at::Tensor over_squares(const at::Tensor& padded, std::int64_t side,
                                      const std::function<at::Tensor(const at::Tensor&)>& work);

}  // namespace robiq
