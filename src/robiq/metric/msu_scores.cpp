#include "robiq/metric/msu_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/metric/statistics/student_t.h"

namespace robiq {
namespace {

using Column = std::vector<double>;
constexpr double kOffset = 1e-6;

double mean_of(const Column& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

MeanInterval with_interval(const Column& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = mean_of(values);
  if (n < 2) {
    const double undefined = std::numeric_limits<double>::quiet_NaN();
    return {mean, undefined, undefined};
  }
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double half = student_t_quantile(0.975, n - 1) * std::sqrt(squares / (n - 1) / n);
  return {mean, mean - half, mean + half};
}

template <class Function>
Column of_each_pair(const Column& a, const Column& b, Function function) {
  Column values(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) values[i] = function(a[i], b[i]);
  return values;
}

/// Integral of |F - G|^power over the line, F and G the columns' distribution functions.
double distance_of_distributions(Column a, Column b, int power) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  Column all = a;
  all.insert(all.end(), b.begin(), b.end());
  std::sort(all.begin(), all.end());
  const auto share_up_to = [](const Column& sorted, double value) {
    const auto count = std::upper_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
    return static_cast<double>(count) / static_cast<double>(sorted.size());
  };
  double integral = 0;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    const double gap = std::abs(share_up_to(a, all[i]) - share_up_to(b, all[i]));
    integral += (power == 1 ? gap : gap * gap) * (all[i + 1] - all[i]);
  }
  return integral;
}

double sign_of(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

}  // namespace

MsuScores msu_scores(std::span<const double> clean, std::span<const double> attacked) {
  if (clean.size() != attacked.size() || clean.empty()) {
    throw Error(ErrorKind::kInternal,
                {"columns of " + std::to_string(clean.size()) + " and " +
                     std::to_string(attacked.size()) + " rows cannot be compared",
                 "msu_scores", "give two columns of equal length"});
  }
  const auto [low, high] = std::minmax_element(clean.begin(), clean.end());
  const auto scaled = [low = *low, length = *high - *low](std::span<const double> scores) {
    Column values;
    for (const double score : scores) values.push_back((score - low) / length);
    return values;
  };
  const Column c = scaled(clean), a = scaled(attacked);
  MsuScores scores{};
  const Column change = of_each_pair(c, a, [](double x, double y) { return y - x; });
  scores.absolute_gain = with_interval(change);
  scores.relative_gain =
      with_interval(of_each_pair(c, a, [](double x, double y) { return (y - x) / (x + 1); }));
  scores.robustness = with_interval(of_each_pair(c, a, [](double x, double y) {
    return std::log10(std::max(1 - x, x) / (std::abs(x - y) + kOffset));
  }));
  scores.classic_relative_gain =
      mean_of(of_each_pair({clean.begin(), clean.end()}, {attacked.begin(), attacked.end()},
                           [](double x, double y) { return (y - x) / (x + kOffset); }));
  const double sign = sign_of(scores.absolute_gain.mean);
  scores.wasserstein = sign * distance_of_distributions(c, a, 1);
  scores.energy = sign * std::sqrt(2 * distance_of_distributions(c, a, 2));
  return scores;
}

}  // namespace robiq
