#pragma once
#include <span>

namespace robiq {

/// A mean and the ends of its 95 % interval by Student's t, mean +- t_{.975,n-1} s / sqrt(n).
struct MeanInterval {
  double mean = 0, low = 0, high = 0;
};

/// The measures of the MSU metrics robustness benchmark (Antsiferova et al., AAAI 2024) between the
/// scores of clean and of attacked pictures. "Scaled" scores are (s - min) / (max - min) with the
/// smallest and largest of the clean scores, for both columns.
struct MsuScores {
  MeanInterval absolute_gain;    ///< mean of the scaled change
  MeanInterval relative_gain;    ///< mean of the scaled change over (scaled clean score + 1)
  MeanInterval robustness;       ///< mean log10(max(1 - c, c) / (|c - a| + 1e-6)), scaled
  double classic_relative_gain;  ///< mean (a - c) / (c + 1e-6), not scaled
  double wasserstein;            ///< 1-Wasserstein distance of the scaled columns, with the sign of
                                 ///< the mean change
  double energy;                 ///< energy distance, sqrt(2 int (F - G)^2), likewise
};

/// NaN where a value is undefined: equal clean scores cannot be scaled, one row has no interval.
/// \param clean,attacked  row i = picture i, on any scale, finite
/// \throws Error{kInternal} when the columns differ in length or are empty
[[nodiscard]] MsuScores msu_scores(std::span<const double> clean, std::span<const double> attacked);

}  // namespace robiq
