#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "robiq/attack/attack.h"
#include "robiq/attack/norm_ball.h"
#include "robiq/attack/objective.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// How projected_ascent() walks.
struct ProjectedAscent {
  Objective objective = Objective::kMid;
  BallNorm norm = BallNorm::kLinf;
  double epsilon = 0;       ///< radius of the ball, [0,1] units
  double step_size = 0;     ///< alpha, in the same norm
  std::int64_t steps = 10;  ///< K
};

/// x^k = P(x^{k-1} + alpha u), k = 1..K: u the gradient's steepest direction, P the projection on
/// the ball and [0,1] (Madry et al., ICLR 2018). \param start  pictures to begin with, [N,3,H,W];
/// projected first
[[nodiscard]] AttackOutcome projected_ascent(QualityModel& victim, const AttackBatch& batch,
                                             const ProjectedAscent& walk, const at::Tensor& start,
                                             const AttackContext& context);

/// One walk from a start: its pictures and what they reach.
struct WalkEnd {
  at::Tensor images;                         ///< [N,3,H,W]
  at::Tensor values;                         ///< the objective, [N], points
  std::int64_t forwards = 0, backwards = 0;  ///< passes for each row
};

/// Walks `count` times and keeps for each row the pictures with the largest objective; of equals
/// the earlier. The passes add up.
[[nodiscard]] AttackOutcome best_of_restarts(std::int64_t count,
                                             const std::function<WalkEnd(std::int64_t)>& walk);

/// How sign_ascent() walks.
struct SignAscent {
  Objective objective = Objective::kMid;
  double epsilon = 0;      ///< radius of the l_inf ball, [0,1] units
  double step_size = 0;    ///< alpha, [0,1] units
  std::int64_t steps = 1;  ///< K
};

/// x^k = P(x^{k-1} + alpha sign(grad L)), k = 1..K, with P the projection on the ball and [0,1]
/// (supplement, Eq. S12). sign(0) = 0, and a NaN gradient counts as 0.
/// \param start  perturbation to begin with, [N,3,H,W], or undefined for none
[[nodiscard]] AttackOutcome sign_ascent(QualityModel& victim, const AttackBatch& batch,
                                        const SignAscent& walk, const at::Tensor& start,
                                        const AttackContext& context);

/// What an attack ascends, row by row: objective_value() without the sum. \return [N], points
[[nodiscard]] at::Tensor row_objective(Objective objective, const at::Tensor& scores,
                                       const at::Tensor& clean, const ScoreScale& scale);

/// A picture's objective and the way uphill.
struct RowAscent {
  at::Tensor values;    ///< [N], points
  at::Tensor gradient;  ///< [N,3,H,W] by the pictures; NaN counts as 0, an infinity as 1 or -1
};

/// One forward and one backward pass; of SeveralModels one of each, whose gradients are divided by
/// their mean absolute values and added up.
/// \param images  [N,3,H,W]   \param clean  native scores [N] of the clean pictures
/// \param view    what the model sees of the pictures; the gradient goes through it; none:
/// themselves
[[nodiscard]] RowAscent row_ascent(QualityModel& victim, const at::Tensor& images,
                                   Objective objective, const at::Tensor& clean,
                                   const std::function<at::Tensor(const at::Tensor&)>& view = {});

}  // namespace robiq
