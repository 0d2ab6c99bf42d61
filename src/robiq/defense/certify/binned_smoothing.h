#pragma once
#include <cstdint>
#include <optional>
#include <vector>

namespace robiq {

/// Equal bins of scores and one more on each side: class 0 is score <= low, the last is > high
/// (Cohen et al., ICML 2019, on the scores of a regressor). The class, not the score, is certified.
struct ScoreBins {
  double low = 0, high = 100;
  std::int64_t count = 10;  ///< between low and high

  [[nodiscard]] std::int64_t classes() const noexcept { return count + 2; }
  /// The class of a finite score, 0 to classes() - 1; an upper edge belongs to the bin below it.
  [[nodiscard]] std::int64_t class_of(double score) const;
  /// The edge below a class; none below the first.
  [[nodiscard]] std::optional<double> lower_edge(std::int64_t number) const;
  /// The edge above a class; none above the last.
  [[nodiscard]] std::optional<double> upper_edge(std::int64_t number) const;
};

/// The majority class under noise, and the l2 radius in which it stays.
struct BinnedCertificate {
  std::optional<std::int64_t> winner;  ///< none: the draws leave no class above one half
  double chance = 0;                   ///< lower confidence limit of the winner's share
  double radius = 0;                   ///< sigma Phi^-1(chance), units of [0,1]
};

/// Chooses the class with `selecting` and certifies it with other draws. A class that does not
/// occur in those counts 0.
/// \param selecting,certifying  scores of independent noisy copies; none empty
/// \param alpha  chance of a wrong certificate, in (0,1)
/// \throws Error{kUsage} for empty columns, bins without width or parameters outside their ranges
[[nodiscard]] BinnedCertificate binned_certificate(const std::vector<double>& selecting,
                                                   const std::vector<double>& certifying,
                                                   const ScoreBins& bins, double sigma,
                                                   double alpha);

}  // namespace robiq
