#pragma once
#include <cstdint>

namespace robiq {

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
