#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "robiq/model/crop_ensemble.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// A picture as a model sees it.
struct ModelInput {
  at::Tensor picture;       ///< float32 [1,3,H,W] in [0,1], on the model's device
  std::vector<View> views;  ///< of it; their mean is the score
};

/// From a picture to a score: the bytes are resized where the model wants it, views are cut, and
/// the score is the mean over them. Random views are drawn at the Rng that each call is given;
/// other policies do not look at it. Scores are on the model's native scale.
class PictureScorer {
 public:
  /// With the views of the model's card. \param model  must outlive the scorer
  explicit PictureScorer(QualityModel& model) : PictureScorer(model, model.card().views) {}
  /// \param fit  enlarge pictures whose shorter side is below the model's least
  PictureScorer(QualityModel& model, const ViewPolicy& views, bool fit = false)
      : model_(&model), views_(views), fit_(fit) {}

  [[nodiscard]] const ViewPolicy& views() const noexcept { return views_; }

  /// \param bytes  uint8 [3,H,W], as read_picture() returns it
  /// \throws Error{kData} for a picture that is too small, or would be enlarged too much
  [[nodiscard]] ModelInput input(const at::Tensor& bytes, const Rng& rng = Rng(0)) const;
  /// The picture before its resizing, for what changes whole pictures; \throws as input()
  [[nodiscard]] WholePicture whole(const at::Tensor& bytes, const Rng& rng = Rng(0)) const;
  /// A model of whole pictures of one size, not resized.
  [[nodiscard]] std::unique_ptr<CropEnsemble> ensemble(std::int64_t height, std::int64_t width,
                                                       const Rng& rng = Rng(0)) const;

  /// \throws Error{kNumeric} when the score is not finite
  [[nodiscard]] double score(const ModelInput& input) const;
  [[nodiscard]] double score(const at::Tensor& bytes, const Rng& rng = Rng(0)) const;
  /// \throws Error{kData} for a file that cannot be read, and as score()
  [[nodiscard]] double score_file(const std::filesystem::path& file, const Rng& rng = Rng(0)) const;
  /// The score with its gradient by the picture. \throws Error{kNumeric} when it is not finite
  [[nodiscard]] PictureGradient gradient(const ModelInput& input) const;

 private:
  QualityModel* model_;
  ViewPolicy views_;
  bool fit_;
};

}  // namespace robiq
