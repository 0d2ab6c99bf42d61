#pragma once
#include <span>
#include <string>
#include <vector>

namespace robiq {

/// What a purifier does to scores and pictures; row i of every column is picture i.
struct DefenseColumns {
  std::vector<double> clean;              ///< c = f(x)
  std::vector<double> attacked;           ///< a = f(x')
  std::vector<double> purified_clean;     ///< f(T(x))
  std::vector<double> purified_attacked;  ///< f(T(x'))
  std::vector<double> mos;                ///< empty where there is none
  /// SSIM and PSNR in dB, at range 1, of x with T(x') and of x with T(x); empty where not measured.
  std::vector<double> ssim_attacked, psnr_attacked, ssim_clean, psnr_clean;
};

/// One number; NaN where it is undefined, and `note` says why or what was left out.
struct DefenseMeasure {
  std::string name;
  double value = 0;
  std::string note;
};

/// The measures of the MSU defense benchmark (Gushchin et al., 2024) under its names, in the order
/// of a table: robust_, nonpurified_ and both_defended_ abs_gain, mean |u - v| / range; the three
/// rel_gain, mean |u - v| / (u + 1e-6); similarity_score and clear_similarity_score, mean of
/// SSIM + PSNR / 40; then five rank correlations. "Gains" have no sign. Rows with a similarity that
/// is NaN or infinite (T(x) = x) are left out of its mean.
/// \param range  width of the score scale, above 0; the benchmark takes that of each model's scores
/// \throws Error{kInternal} for columns that differ in length or are empty, Error{kUsage} for
///         another range
[[nodiscard]] std::vector<DefenseMeasure> defense_measures(const DefenseColumns& columns,
                                                           double range);

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

/// The names of defense_measures(), in their order.
[[nodiscard]] std::vector<std::string> defense_measure_names();

}  // namespace robiq
