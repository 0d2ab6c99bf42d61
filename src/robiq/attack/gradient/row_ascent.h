#pragma once
#include <ATen/core/Tensor.h>

#include <functional>

#include "robiq/attack/objective.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// What an attack ascends, row by row: objective_value() without the sum. \return [N], points
[[nodiscard]] at::Tensor row_objective(Objective objective, const at::Tensor& scores,
                                       const at::Tensor& clean, const ScoreScale& scale);

/// A picture's objective and the way uphill.
struct RowAscent {
  at::Tensor values;    ///< [N], points
  at::Tensor gradient;  ///< [N,3,H,W] by the pictures; NaN counts as 0, an infinity as 1 or -1
};

/// One forward and one backward pass.
/// \param images  [N,3,H,W]   \param clean  native scores [N] of the clean pictures
/// \param view    what the model sees of the pictures; the gradient goes through it; none:
/// themselves
[[nodiscard]] RowAscent row_ascent(QualityModel& victim, const at::Tensor& images,
                                   Objective objective, const at::Tensor& clean,
                                   const std::function<at::Tensor(const at::Tensor&)>& view = {});

}  // namespace robiq
