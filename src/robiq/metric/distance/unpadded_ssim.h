#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

/// Sides below this have no five levels for the window.
inline constexpr int kUnpaddedMsSsimSide = 161;

/// Structural similarity under the Gaussian window (11x11, sigma 1.5) at the places where all of it
/// lies inside the picture; each colour by itself. The mean over each picture, 1 for equal ones.
/// Wang et al., TIP 2004; as pytorch-msssim computes it. Differentiable in both.
/// \param a,b  float32 [N,3,H,W] in [0,1], sides at least 11   \return float32 [N]
/// \throws Error{kData} for smaller pictures or shapes that differ
[[nodiscard]] at::Tensor unpadded_ssim(const at::Tensor& a, const at::Tensor& b);

/// The same at five levels, each half the size of the one before: the product of the structure at
/// four of them and of the whole at the last, to the powers of Wang, Simoncelli and Bovik, 2003;
/// what is negative counts as 0. The mean over the colours; as pytorch-msssim computes it.
/// \param a,b  float32 [N,3,H,W] in [0,1], sides at least kUnpaddedMsSsimSide  \return float32 [N]
/// \throws Error{kData} as unpadded_ssim()
[[nodiscard]] at::Tensor unpadded_ms_ssim(const at::Tensor& a, const at::Tensor& b);

}  // namespace robiq
