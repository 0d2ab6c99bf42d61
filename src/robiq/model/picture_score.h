#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "robiq/model/quality_model.h"

namespace robiq {

/// How many views are computed at once: few large crops or many small patches, as many as the
/// model's card says.
[[nodiscard]] std::int64_t view_chunk(const ModelCard& card, const std::vector<View>& views);

/// The score of a whole picture: the mean over its views, in chunks, with no graph.
/// \param picture  [1,3,H,W] in [0,1]   \return on the model's native scale
/// \throws Error{kNumeric} when it is not finite.
[[nodiscard]] double score_picture(QualityModel& model, const at::Tensor& picture,
                                   const std::vector<View>& views);

/// A score and its gradient by the picture.
struct PictureGradient {
  double score = 0;     ///< native scale
  at::Tensor gradient;  ///< [1,3,H,W], of the score by picture values in [0,1]
  /// Mean over the views of the l1 norms of their own scores' gradients: what bounds an attack on
  /// the views by themselves. Not below the norm of `gradient`, in which views that overlap cancel.
  double view_l1 = 0;
};

/// The same with the gradient, one chunk of views at a time, so that memory stays bounded.
[[nodiscard]] PictureGradient score_gradient(QualityModel& model, const at::Tensor& picture,
                                             const std::vector<View>& views);

/// \throws Error{kNumeric} naming `who` unless every entry is finite.
void check_finite(const at::Tensor& values, const std::string& who);

}  // namespace robiq
