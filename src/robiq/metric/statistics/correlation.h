#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace robiq {

/// Correlation of two columns of equal length, all finite. Each returns NaN when it is undefined:
/// fewer than two rows, or a column whose entries are all equal. Values lie in [-1, 1].

/// Ranks 1..n; equal values share the mean of the ranks they take up.
[[nodiscard]] std::vector<double> mid_ranks(std::span<const double> values);

/// Pearson's product-moment correlation. Two passes about the mean, after scaling by a power of
/// two, so that neither a large offset nor a large or small unit costs digits.
[[nodiscard]] double pearson(std::span<const double> x, std::span<const double> y);

/// Spearman's rank correlation: Pearson's of the mid-ranks.
[[nodiscard]] double spearman(std::span<const double> x, std::span<const double> y);

/// What Kendall's coefficients are made of.
struct PairCounts {
  std::int64_t pairs = 0;    ///< n (n - 1) / 2
  std::int64_t tied_x = 0;   ///< pairs with equal x
  std::int64_t tied_y = 0;   ///< pairs with equal y
  std::int64_t balance = 0;  ///< concordant minus discordant pairs
};

/// Counts in O(n log n) by merge sorting (Knight, JASA 1966).
[[nodiscard]] PairCounts count_pairs(std::span<const double> x, std::span<const double> y);

/// (concordant - discordant) / sqrt((pairs - tied_x) (pairs - tied_y)).
[[nodiscard]] double kendall_tau_b(std::span<const double> x, std::span<const double> y);

/// (concordant - discordant) / pairs, the form printed in the supplement (S3). NaN for columns
/// without a single untied pair, as tau-b.
[[nodiscard]] double kendall_tau_a(std::span<const double> x, std::span<const double> y);

/// The point below which `probability` of Student's t distribution lies.
/// \param probability  in (0, 1)   \param degrees  of freedom, > 0   \return accurate to 1e-12
[[nodiscard]] double student_t_quantile(double probability, double degrees);

}  // namespace robiq
