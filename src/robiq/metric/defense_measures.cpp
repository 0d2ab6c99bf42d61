#include "robiq/metric/defense_measures.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <limits>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/metric/statistics/correlation.h"

namespace robiq {
namespace {

using DefenseColumn = std::vector<double>;
constexpr double kUndefinedMeasure = std::numeric_limits<double>::quiet_NaN();

void check_defense_columns(const DefenseColumns& c, double range) {
  if (!(range > 0) || !std::isfinite(range)) {
    throw Error(ErrorKind::kUsage, {"a score scale of width " + number_text(range) + " is none",
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
  if (u.empty()) return {name, kUndefinedMeasure, "there is no MOS"};
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

}  // namespace robiq
