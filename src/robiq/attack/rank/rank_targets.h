#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

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

}  // namespace robiq
