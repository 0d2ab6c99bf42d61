#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "robiq/attack/attack.h"
#include "robiq/attack/gradient/norm_ball.h"
#include "robiq/attack/objective.h"

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

}  // namespace robiq
