#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

#include "robiq/core/score_scale.h"

namespace robiq {

/// How far an attacked picture has lost quality: a share of the scale for each row.
/// \param attacked, clean  [N,3,H,W]   \return [N], 0 for none
using QualityLoss = std::function<at::Tensor(const at::Tensor& attacked, const at::Tensor& clean)>;

/// y_adv = clamp(y - P q (best - worst)) between the scale's ends (Chistyakova et al., Technologies
/// 2024, Algorithm 1). On a scale of difference scores, worst > best, labels rise.
/// \param labels   [N], on the scale   \param loss  q, [N]   \param penalty  P
/// \throws Error{kUsage} for a label outside the scale
[[nodiscard]] at::Tensor lowered_labels(const at::Tensor& labels, const at::Tensor& loss,
                                        double penalty, const ScoreScale& scale);

/// Reads "WORST:BEST". \throws Error{kUsage} for anything else, and for equal ends
[[nodiscard]] ScoreScale parse_label_range(const std::string& text);

}  // namespace robiq
