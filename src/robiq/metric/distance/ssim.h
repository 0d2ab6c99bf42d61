#pragma once
#include <ATen/core/Tensor.h>

#include <functional>

#include "robiq/metric/distance/gaussian_mean.h"

namespace robiq {

/// A weighted mean around every pixel, of each plane by itself: [N,C,H,W] to [N,C,h,w].
using LocalMean = std::function<at::Tensor(const at::Tensor& planes)>;

/// The two factors whose product is SSIM at one place, [N,C,h,w].
struct SsimFactors {
  at::Tensor luminance;  ///< of the means
  at::Tensor structure;  ///< of the variances and the covariance: contrast and structure
};

/// Both factors, with K1 = 0.01, K2 = 0.03; negative values are kept.
/// \param a,b     float32 [N,C,H,W] in [0,1], same shape
/// \param mean    its weights must sum to 1
/// \param sample  what the variances are multiplied by: n / (n - 1) for those of a sample
[[nodiscard]] SsimFactors ssim_factors(const at::Tensor& a, const at::Tensor& b,
                                       const LocalMean& mean, double sample = 1);

/// Structural similarity at every pixel, as the perceptual attack takes it: gaussian_mean(), each
/// colour channel by itself. Wang et al., TIP 2004; Zhang et al., NeurIPS 2022.
/// \param a,b  float32 [N,3,H,W] in [0,1], H and W at least 11   \return float32 [N,3,H,W]
/// \throws Error{kData} for smaller pictures or shapes that differ
[[nodiscard]] at::Tensor ssim_map(const at::Tensor& a, const at::Tensor& b);

/// The mean of ssim_map() over each picture: 1 for equal pictures. Differentiable in both.
/// \return float32 [N]
[[nodiscard]] at::Tensor ssim(const at::Tensor& a, const at::Tensor& b);

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
