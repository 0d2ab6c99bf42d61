#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "robiq/attack/attack.h"
#include "robiq/attack/norm_ball.h"
#include "robiq/attack/objective.h"

namespace robiq {

/// How apgd() walks.
struct ApgdWalk {
  Objective objective = Objective::kUp;
  BallNorm norm = BallNorm::kLinf;
  double epsilon = 0;       ///< radius of the ball, [0,1] units
  std::int64_t steps = 50;  ///< K
  double rho = 0.75;        ///< the share of steps that must raise the objective for the step size
                            ///< to stay as it is
};

struct ApgdOutcome {
  at::Tensor images;       ///< [N,3,H,W], each row's best
  at::Tensor best_values;  ///< [K+1,N], points: the best objective after 0..K steps
  std::int64_t forwards = 0, backwards = 0;  ///< passes for each row: K + 1 of both
};

/// Auto-PGD (Croce and Hein, ICML 2020) on a score: steps with momentum, whose size starts at twice
/// epsilon and is halved for a row, back at that row's best picture, where a checkpoint finds too
/// few rises or no better picture. The first rise is counted against the start's objective.
/// \param start  pictures to begin with, [N,3,H,W]; they are projected on the ball first
/// \throws Interrupted when context.stop() asks for it
[[nodiscard]] ApgdOutcome apgd(QualityModel& victim, const AttackBatch& batch, const ApgdWalk& walk,
                               const at::Tensor& start, const AttackContext& context);

/// The numbers of steps after which apgd() looks back; for K = 50: 11, 21, 30, 38, 45.
[[nodiscard]] std::vector<std::int64_t> apgd_checkpoints(std::int64_t steps);

/// The picture on the ball's border along `noise`: clip01(x + epsilon t / ||t||).
/// \param noise  t, [N,3,H,W]
[[nodiscard]] at::Tensor apgd_start(const at::Tensor& clean, const at::Tensor& noise, BallNorm norm,
                                    double epsilon);

/// apgd_start() of uniform noise in (-1,1) for l_inf and of normal noise for l2, each row drawn at
/// its id.
[[nodiscard]] at::Tensor apgd_random_start(const AttackBatch& batch, BallNorm norm, double epsilon,
                                           const Rng& rng);

}  // namespace robiq
