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

}  // namespace robiq
