#pragma once
#include <vector>

#include "robiq/core/score_scale.h"

namespace robiq {

// The mean of f(clip(x + sigma N)), with f clamped to its scale, moves no faster than a probability
// does under a shifted normal distribution. Wider than the median's intervals as a rule.

/// Limits of a mean, as shares of the scale from its smaller end, in [0,1].
struct MeanLimits {
  double lower = 0, upper = 1;
};

/// Hoeffding's limits, mean -+ sqrt(ln(1 / alpha) / (2 n)), cut to [0,1]; each holds with
/// probability 1 - alpha.
/// \param scores  of n independent noisy copies, native; clamped to the scale
/// \throws Error{kUsage} for no scores or alpha outside (0,1)
[[nodiscard]] MeanLimits hoeffding_limits(const std::vector<double>& scores,
                                          const ScoreScale& scale, double alpha);

/// The ends of the smoothed score within an l2 radius, native, smaller first.
struct SmoothedRange {
  double lower = 0, upper = 0;
};

/// low + (high - low) Phi(Phi^-1(p) -+ radius / sigma), with p the lower and the upper limit.
/// \throws Error{kUsage} for a radius below 0 or sigma not above 0
[[nodiscard]] SmoothedRange mean_interval(const MeanLimits& limits, const ScoreScale& scale,
                                          double radius, double sigma);

}  // namespace robiq
