#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "robiq/attack/attack.h"

namespace robiq {

/// What the targets minimise (SMA, arXiv 2404.13277): the correlation of soft ranks, less rewards
/// for their spread and for their distance from the scores. Scores are normalised, 0 to 100.
struct RankObjective {
  double soft_srocc = 0;         ///< Pearson's correlation of the soft ranks of both
  double variance_term = 0;      ///< -spread_weight times the targets' variance, over N - 1
  double distance_term = 0;      ///< -distance_weight times their mean squared distance
  std::vector<double> gradient;  ///< of the three terms' sum, by the targets
};

/// How learned_targets() walks; the authors' numbers.
struct RankTargetSearch {
  double beta = 1;  ///< of the soft ranks, in points
  double spread_weight = 1e-4, distance_weight = 1e-4;
  double learning_rate = 0.005;  ///< of Adam, in points
  std::int64_t iterations = 100'000;
  /// Ends once so many iterations have moved no target by more than 1e-3; 0: never.
  std::int64_t patience = 1000;
};

/// The objective and its gradient. \param original,targets  N >= 2 scores each, finite
/// \throws Error{kInternal} for lengths that differ or fewer than two
[[nodiscard]] RankObjective rank_objective(std::span<const double> original,
                                           std::span<const double> targets,
                                           const RankTargetSearch& search = {});

/// Target scores whose order contradicts that of `original` (SMA's first stage): each iteration is
/// an Adam step along the gradient's sign, clipped to [0, 100].
/// \param noise  added to the scores to begin with, N values
/// \param stop   asked every 256 iterations; true ends with Interrupted
[[nodiscard]] std::vector<double> learned_targets(std::span<const double> original,
                                                  std::span<const double> noise,
                                                  const RankTargetSearch& search,
                                                  const std::function<bool()>& stop);

/// What learned_targets() comes to after many iterations, in closed form: 100 for scores up to the
/// median, 0 for those above. Their rank correlation with the scores is about -0.87.
[[nodiscard]] std::vector<double> threshold_targets(std::span<const double> original);

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
