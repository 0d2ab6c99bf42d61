#include "robiq/metric/gain_curve.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "robiq/core/error.h"

namespace robiq {
namespace {

/// Points of equal loss, next to each other, become one with their mean gain.
std::vector<GainPoint> merged_gain_points(const std::vector<GainPoint>& sorted) {
  std::vector<GainPoint> merged;
  for (std::size_t i = 0; i < sorted.size();) {
    double sum = 0;
    std::size_t end = i;
    for (; end < sorted.size() && sorted[end].loss == sorted[i].loss; ++end) {
      sum += sorted[end].gain;
    }
    merged.push_back({sorted[i].loss, sum / static_cast<double>(end - i)});
    i = end;
  }
  return merged;
}

double gain_between(const GainPoint& from, const GainPoint& to, double loss) {
  return from.gain + (to.gain - from.gain) * (loss - from.loss) / (to.loss - from.loss);
}

}  // namespace

GainCurve::GainCurve(std::span<const GainPoint> points) {
  std::vector<GainPoint> sorted;
  for (const GainPoint& point : points) {
    if (!(point.loss >= 0) || !std::isfinite(point.loss) || !std::isfinite(point.gain)) {
      throw Error(ErrorKind::kInternal,
                  {"a loss or a gain of a gain curve is not a finite number", "", ""});
    }
    if (point.loss > 0) sorted.push_back(point);  // a picture unchanged has gained nothing
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const GainPoint& a, const GainPoint& b) { return a.loss < b.loss; });
  points_ = merged_gain_points(sorted);
  points_.insert(points_.begin(), GainPoint{});
}

double GainCurve::area(double most) const {
  double sum = 0;
  for (std::size_t i = 1; i < points_.size() && points_[i - 1].loss < most; ++i) {
    const GainPoint& from = points_[i - 1];
    GainPoint to = points_[i];
    if (to.loss > most) to = {most, gain_between(from, to, most)};
    sum += (to.loss - from.loss) * (from.gain + to.gain) / 2;
  }
  return sum;
}

double GainCurve::gain_at(double loss) const {
  for (std::size_t i = 1; i < points_.size(); ++i) {
    if (loss <= points_[i].loss) return gain_between(points_[i - 1], points_[i], loss);
  }
  return loss <= end() ? 0 : std::numeric_limits<double>::quiet_NaN();
}

GamedScore gamed_score(std::span<const NamedGainCurve> curves, double most, double headline) {
  if (curves.empty()) throw Error(ErrorKind::kInternal, {"no gain curve was given", "", ""});
  GamedScore out;
  out.gamed = -std::numeric_limits<double>::infinity();
  out.largest_gain = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [filter, curve] : curves) {
    if (curve.end() < most) out.short_curves.push_back(filter);
    const double mean_gain = curve.area(most) / most;
    if (mean_gain > out.gamed) {
      out.gamed = mean_gain;
      out.gamed_by = filter;
    }
    const double gain = curve.gain_at(headline);
    if (std::isnan(gain) || gain <= out.largest_gain) continue;
    out.largest_gain = gain;
    out.largest_by = filter;
  }
  return out;
}

double integral_robustness(std::span<const BudgetValue> curve) {
  if (curve.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  double area = 0;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    const double width = curve[i].budget - curve[i - 1].budget;
    if (!(width > 0)) {
      throw Error(ErrorKind::kInternal,
                  {"the budgets do not ascend", "integral robustness score", ""});
    }
    area += width * (curve[i].value + curve[i - 1].value) / 2;
  }
  return area / (curve.back().budget - curve.front().budget);
}

}  // namespace robiq
