#pragma once
#include <cstdint>
#include <optional>
#include <vector>

namespace robiq {

// Certificates of a smoothed score (Chiang et al., NeurIPS 2020). F(x) is the median of
// f(clip(x + sigma N)), N standard normal. What is certified is F, not f, and radii are l2 norms in
// units of [0,1]: usual l_inf attacks lie far outside.

/// Which of n sorted scores bound F on a ball, counted from 1.
struct QuantileRanks {
  std::int64_t lower = 0;  ///< 0: no bound at this n
  std::int64_t upper = 0;  ///< n + 1: no bound at this n
};

/// The ranks whose scores lie beyond the quantiles Phi(-+radius / sigma) of the score, each with
/// the confidence. lower + upper = n + 1.
/// \param samples     n, 1 or more
/// \param radius      l2, 0 or more
/// \param sigma       of [0,1], above 0
/// \param confidence  of each side, in [0.5,1)
/// \throws Error{kUsage} for values outside these ranges
[[nodiscard]] QuantileRanks quantile_ranks(std::int64_t samples, double radius, double sigma,
                                           double confidence);

/// The radius up to which n samples give two bounds: -sigma Phi^-1(1 - (1 - c)^(1/n)); never below
/// 0. \throws Error{kUsage} as quantile_ranks()
[[nodiscard]] double largest_certified_radius(std::int64_t samples, double sigma,
                                              double confidence);

/// Bounds of a smoothed score for every change of l2 norm up to `radius`.
struct CertifiedInterval {
  double radius = 0;
  std::optional<double> lower, upper;  ///< none: no bound at this n; show the end of the scale
};

/// The mean of the middle two, or the middle score. \throws Error{kUsage} for no scores
[[nodiscard]] double sample_median(std::vector<double> scores);

/// The interval of F by order statistics; radius 0 gives that of F(x) itself.
/// \param scores  of n independent noisy copies (noisy_scores.h)
/// \throws Error{kUsage} as quantile_ranks()
[[nodiscard]] CertifiedInterval median_interval(std::vector<double> scores, double radius,
                                                double sigma, double confidence);

/// Standard normal distribution function.
[[nodiscard]] double normal_distribution(double x);

/// Its inverse; -infinity at 0 and infinity at 1.
/// \param probability  in [0,1]
[[nodiscard]] double normal_quantile(double probability);

/// The probability of `successes` or fewer out of `trials`, each with `chance`.
/// \param successes  below 0: 0; `trials` or more: 1
[[nodiscard]] double binomial_distribution(std::int64_t successes, std::int64_t trials,
                                           double chance);

/// The exact lower confidence limit of a chance (Clopper and Pearson 1934): it lies below the true
/// chance with probability 1 - alpha or more. 0 for no successes.
/// \param successes  0 to trials   \param alpha  in (0,1)
[[nodiscard]] double clopper_pearson_lower(std::int64_t successes, std::int64_t trials,
                                           double alpha);

}  // namespace robiq
