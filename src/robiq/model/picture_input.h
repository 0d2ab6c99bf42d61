#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "robiq/model/quality_model.h"

namespace robiq {

/// A decoded picture as the input that views are cut from: resized where the policy says so, as
/// Pillow does it (decisions 2), then in [0,1].
/// \param bytes   uint8 [3,H,W]
/// \param policy  of the views that will be cut
/// \param fit     enlarge a picture whose shorter side is below the model's least (bilinear)
/// \return float32 [1,3,H,W] on `device`
/// \throws Error{kData} when the enlarged picture would have more than kMaxPicturePixels.
[[nodiscard]] at::Tensor picture_input(const at::Tensor& bytes, const ModelCard& card,
                                       const ViewPolicy& policy, bool fit, c10::Device device);

/// A picture of any size under a model: its views, and the resizing before they are cut.
struct WholePicture {
  at::Tensor picture;                                  ///< float32 [1,3,H,W], not resized
  std::vector<View> views;                             ///< of the picture, or of the resized one
  std::pair<std::int64_t, std::int64_t> resize{0, 0};  ///< height, width; 0: none
};

/// What an attack on the whole picture starts from: as picture_input(), but the resizing is left to
/// CropEnsemble. \param rng  where random views are drawn
[[nodiscard]] WholePicture whole_picture(const at::Tensor& bytes, const ModelCard& card,
                                         const ViewPolicy& policy, bool fit, c10::Device device,
                                         const Rng& rng);

}  // namespace robiq
