#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

/// Whose rules spatial_activity() follows.
enum class ActivityRule {
  kOriginal,  ///< Korhonen and You's Matlab: the squared Sobel magnitude
  kFmGoat     ///< the FM-GOAT port: the magnitude itself, everything over 255
};

/// Where a picture has activity that hides changes: the Sobel magnitude of its luma over its
/// largest, 0 in the outermost pixels, then widened by a 5 x 5 maximum without the corners
/// (Korhonen and You, QoEVMA 2022). A picture without any activity has 1 everywhere. \param images
/// [N,3,H,W] in [0,1]   \return [N,1,H,W] in [0,1], or [0, 1/255] for kFmGoat
[[nodiscard]] at::Tensor spatial_activity(const at::Tensor& images, ActivityRule rule);

/// Where a picture's texture hides noise, 0 to 1: the root of the local deviation over the local
/// mean of 3 x 3 values (zeros around the picture), divided by its largest value in the plane;
/// below 0.01 of that it is 0. Each channel by itself.
/// \param images  [N,C,H,W] in [0,1]   \return the same shape
[[nodiscard]] at::Tensor texture_mask(const at::Tensor& images);

/// Splits pictures by the strength of their Fourier coefficients: keeps the `part` of them that are
/// largest in `reference`, each channel by itself.
/// \param images,reference  [N,C,H,W]   \param part  in [0,1]   \return the same shape
[[nodiscard]] at::Tensor strongest_waves(const at::Tensor& images, const at::Tensor& reference,
                                         double part);

}  // namespace robiq
