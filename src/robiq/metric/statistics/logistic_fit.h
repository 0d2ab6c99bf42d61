#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace robiq {

/// Curves that carry a model's scores x to the scale of MOS before PLCC and RMSE.
enum class LogisticForm {
  kFour,  ///< b2 + (b1 - b2) / (1 + exp(-(x - b3) / b4)), b4 > 0. VQEG FR-TV Phase II, 2003
  kFive   ///< b1 (1/2 - 1 / (1 + exp(b2 (x - b3)))) + b4 x + b5. Sheikh, Sabir and Bovik, TIP 2006
};

/// "logistic4" or "logistic5".
[[nodiscard]] std::string_view logistic_name(LogisticForm form);

/// A fitted curve. When it cannot be fitted `note` says why and the vectors are empty.
struct LogisticFit {
  LogisticForm form = LogisticForm::kFour;
  std::vector<double> parameters;  ///< b1, b2, ... for x and MOS in their own units
  std::vector<double> mapped;      ///< the curve at every score, on the scale of MOS
  std::string note;
};

/// Fits the curve to MOS by least squares, on standardised columns, so that the unit of neither
/// matters. Bends of every place and width that the scores can tell apart are tried; the best of
/// them are followed downhill (Levenberg-Marquardt), and the best that comes to rest is kept. The
/// same columns always give the same curve. With more than 10,000 rows all but the last steps rest
/// on 10,000 of them, evenly spaced by score. Both columns of equal length and finite. It cannot be
/// fitted to fewer rows than it has parameters and one more, to a column whose entries are all
/// equal or too large to be squared, or when no start comes to rest.
[[nodiscard]] LogisticFit fit_logistic(LogisticForm form, std::span<const double> scores,
                                       std::span<const double> mos);

/// The curve at x.
[[nodiscard]] double logistic_value(LogisticForm form, std::span<const double> parameters,
                                    double x);

}  // namespace robiq
