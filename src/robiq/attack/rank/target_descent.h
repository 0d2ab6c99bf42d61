#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "robiq/attack/attack.h"

namespace robiq {

/// How target_descent() walks; SMA's numbers.
struct TargetDescent {
  double epsilon = 0.005;    ///< radius of the l_inf ball, [0,1] units
  double step_size = 0.001;  ///< alpha, [0,1] units
  std::int64_t steps = 10;
};

/// x <- P(x - alpha sign(grad (f(x) - t)^2)), P the projection on the ball and [0,1]: brings each
/// row's score near a target of its own (SMA's second stage, arXiv 2404.13277).
/// \param targets  [N], normalised scores, 0 to 100
[[nodiscard]] AttackOutcome target_descent(QualityModel& victim, const AttackBatch& batch,
                                           const TargetDescent& walk, const at::Tensor& targets,
                                           const AttackContext& context);

}  // namespace robiq
