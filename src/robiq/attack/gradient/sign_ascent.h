#pragma once
#include <ATen/core/Tensor.h>

#include "robiq/attack/attack.h"
#include "robiq/attack/objective.h"

namespace robiq {

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

}  // namespace robiq
