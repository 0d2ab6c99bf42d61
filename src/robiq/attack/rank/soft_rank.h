#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace robiq {

/// Ranks that move smoothly with the values, and their derivative (Blondel et al., Fast
/// Differentiable Sorting and Ranking, ICML 2020, with the quadratic regularisation): the largest
/// value has rank N. Values further than beta from both neighbours have their hard rank.
class SoftRank {
 public:
  /// \param values  finite   \param beta  > 0, how far values reach for each other
  SoftRank(std::span<const double> values, double beta);

  /// In the order of the values.
  [[nodiscard]] const std::vector<double>& ranks() const noexcept { return ranks_; }

  /// The vector-Jacobian product: the gradient by the values of sum_i cotangent_i rank_i. Within
  /// each pooled block it is the cotangent less the block's mean, over beta.
  /// \throws Error{kInternal} for another length
  [[nodiscard]] std::vector<double> backward(std::span<const double> cotangent) const;

 private:
  double beta_;
  std::vector<std::size_t> order_;   ///< places of the values, largest first
  std::vector<std::size_t> blocks_;  ///< where pooled blocks begin in that order, and N
  std::vector<double> ranks_;
};

}  // namespace robiq
