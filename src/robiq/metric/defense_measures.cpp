#include "robiq/metric/defense_measures.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/metric/statistics/correlation.h"

namespace robiq {
namespace {

using DefenseColumn = std::vector<double>;
constexpr double kUndefinedMeasure = std::numeric_limits<double>::quiet_NaN();

void check_defense_columns(const DefenseColumns& c, double range) {
  if (!(range > 0) || !std::isfinite(range)) {
    throw Error(ErrorKind::kUsage,
                {"a score scale of width " + number_text(range) + " leaves no room for scores",
                 "defense_measures", "give a width above 0"});
  }
  const std::size_t rows = c.clean.size();
  const auto fits = [rows](const DefenseColumn* column) { return column->size() == rows; };
  const std::initializer_list<const DefenseColumn*> needed = {&c.attacked, &c.purified_clean,
                                                              &c.purified_attacked};
  const std::initializer_list<const DefenseColumn*> optional = {
      &c.mos, &c.ssim_attacked, &c.psnr_attacked, &c.ssim_clean, &c.psnr_clean};
  const bool good = rows > 0 && std::all_of(needed.begin(), needed.end(), fits) &&
                    std::all_of(optional.begin(), optional.end(), [&](const auto* column) {
                      return column->empty() || fits(column);
                    });
  if (good) return;
  throw Error(ErrorKind::kInternal, {"the columns are empty or differ in length",
                                     "defense_measures", "give one row for each picture"});
}

template <class Function>
double mean_of_pairs(const DefenseColumn& u, const DefenseColumn& v, Function function) {
  double sum = 0;
  for (std::size_t i = 0; i < u.size(); ++i) sum += function(u[i], v[i]);
  return sum / static_cast<double>(u.size());
}

DefenseMeasure absolute_gain(const std::string& of, const DefenseColumn& u, const DefenseColumn& v,
                             double range) {
  const auto share = [range](double a, double b) { return std::abs(a - b) / range; };
  return {of + "_abs_gain", mean_of_pairs(u, v, share), ""};
}

DefenseMeasure relative_gain(const std::string& of, const DefenseColumn& u,
                             const DefenseColumn& v) {
  constexpr double kOffset = 1e-6;
  const auto share = [](double a, double b) { return std::abs(a - b) / (a + kOffset); };
  DefenseMeasure measure{of + "_rel_gain", mean_of_pairs(u, v, share), ""};
  const auto odd = std::count_if(u.begin(), u.end(), [](double score) { return score <= 0; });
  if (odd > 0) {
    measure.note = "rests on " + std::to_string(odd) + " scores of 0 or less and says little";
  }
  return measure;
}

DefenseMeasure similarity(const std::string& name, const DefenseColumn& ssim,
                          const DefenseColumn& psnr) {
  constexpr double kDecibels = 40;
  if (ssim.empty() || psnr.empty()) return {name, kUndefinedMeasure, "was not measured"};
  double sum = 0;
  std::size_t counted = 0;
  for (std::size_t i = 0; i < ssim.size(); ++i) {
    const double value = ssim[i] + psnr[i] / kDecibels;
    if (!std::isfinite(value)) continue;
    sum += value;
    ++counted;
  }
  const std::size_t left_out = ssim.size() - counted;
  std::string note;
  if (left_out > 0) note = "left out, for want of a finite value: " + std::to_string(left_out);
  if (counted == 0) return {name, kUndefinedMeasure, note};
  return {name, sum / static_cast<double>(counted), note};
}

DefenseMeasure rank_correlation(const std::string& name, const DefenseColumn& u,
                                const DefenseColumn& v) {
  if (u.empty()) return {name, kUndefinedMeasure, "the data have no MOS"};
  const double value = spearman(u, v);
  return {name, value, std::isnan(value) ? "one of the columns is constant" : ""};
}

}  // namespace

std::vector<DefenseMeasure> defense_measures(const DefenseColumns& columns, double range) {
  check_defense_columns(columns, range);
  const DefenseColumns& c = columns;
  return {absolute_gain("robust", c.clean, c.purified_attacked, range),
          absolute_gain("nonpurified", c.clean, c.attacked, range),
          absolute_gain("both_defended", c.purified_clean, c.purified_attacked, range),
          relative_gain("robust", c.clean, c.purified_attacked),
          relative_gain("nonpurified", c.clean, c.attacked),
          relative_gain("both_defended", c.purified_clean, c.purified_attacked),
          similarity("similarity_score", c.ssim_attacked, c.psnr_attacked),
          similarity("clear_similarity_score", c.ssim_clean, c.psnr_clean),
          rank_correlation("robust_attacked_srocc_mos", c.mos, c.purified_attacked),
          rank_correlation("robust_clear_srocc_mos", c.mos, c.purified_clean),
          rank_correlation("clear_srocc_mos", c.mos, c.clean),
          rank_correlation("attacked_srocc_mos", c.mos, c.attacked),
          rank_correlation("robust_clear_srocc_clear", c.clean, c.purified_clean)};
}

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
  for (const Column* column : {&a, &b}) {
    // NaN has no place in an order; infinite distances mean nothing.
    for (const double value : *column) {
      if (!std::isfinite(value)) return std::numeric_limits<double>::quiet_NaN();
    }
  }
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

std::vector<std::string> defense_measure_names() {
  const DefenseColumns any{{1, 2}, {1, 2}, {1, 2}, {1, 2}, {}, {}, {}, {}, {}};
  std::vector<std::string> names;
  for (const DefenseMeasure& measure : defense_measures(any, 1)) names.push_back(measure.name);
  return names;
}

}  // namespace robiq
