#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace robiq {

/// The detail of a picture on each level of a wavelet transform: db2 (Daubechies 1988) over
/// mirrored borders, its three orientations and all channels added up.
/// \param images  [N,C,H,W]
/// \return one tensor for each level, the finest first, [N,1,h,w] with h = (H + 3) / 2 and so on
[[nodiscard]] std::vector<at::Tensor> wavelet_details(const at::Tensor& images,
                                                      std::int64_t levels);

/// Where a picture has high frequencies, 0 to 1: the two finest levels of wavelet_details(), each
/// twice its absolute value over its largest, cut at 1, enlarged to the picture and blurred (5 x 5,
/// sigma 1); their sum, cut at 1. Where a level has no detail at all, it adds nothing. As the mask
/// of FM-GOAT. \param images  [N,3,H,W]   \return [N,1,H,W]
[[nodiscard]] at::Tensor frequency_mask(const at::Tensor& images);

}  // namespace robiq
