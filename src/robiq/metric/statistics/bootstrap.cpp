#include "robiq/metric/statistics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace robiq {
namespace {

constexpr double kTail = 0.025;

/// Rows by ascending reference. Measures do not depend on the order of rows, and resamples that
/// come out nearly sorted are ranked several times faster.
class SortedRows {
 public:
  explicit SortedRows(const ScoreColumns& columns) : scale_(columns.scale) {
    const std::size_t n = columns.reference.size();
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return columns.reference[a] < columns.reference[b];
    });
    for (const std::size_t row : order) {
      reference_.push_back(columns.reference[row]);
      predicted_.push_back(columns.predicted[row]);
    }
    counts_.resize(n);
    drawn_reference_.resize(n);
    drawn_predicted_.resize(n);
  }

  /// n rows drawn with replacement; valid until the next call.
  ScoreColumns draw(RandomStream random) {
    const std::size_t n = reference_.size();
    std::fill(counts_.begin(), counts_.end(), 0U);
    for (std::size_t i = 0; i < n; ++i) ++counts_[random.below(n)];
    std::size_t k = 0;
    for (std::size_t row = 0; row < n; ++row) {
      for (std::uint32_t copy = 0; copy < counts_[row]; ++copy, ++k) {
        drawn_reference_[k] = reference_[row];
        drawn_predicted_[k] = predicted_[row];
      }
    }
    return {drawn_reference_, drawn_predicted_, scale_};
  }

 private:
  ScoreScale scale_;
  std::vector<double> reference_, predicted_;
  std::vector<std::uint32_t> counts_;
  std::vector<double> drawn_reference_, drawn_predicted_;
};

/// The p-quantile of sorted values, linear between them.
double quantile(const std::vector<double>& sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

}  // namespace

std::int64_t planned_resamples(std::int64_t pictures, std::int64_t asked) {
  const std::int64_t affordable = kMostResampledRows / std::max<std::int64_t>(pictures, 1);
  const std::int64_t planned = std::min(asked, affordable);
  return planned < std::min(asked, kLeastResamples) ? 0 : planned;
}

Interval bootstrap_interval(const Metric& metric, const ScoreColumns& columns, std::int64_t asked,
                            const Rng& rng) {
  Interval out;
  const auto pictures = static_cast<std::int64_t>(columns.reference.size());
  if (pictures < 2) {
    out.note = "no interval for fewer than two pictures";
    return out;
  }
  const std::int64_t resamples = planned_resamples(pictures, asked);
  if (resamples == 0) {
    const std::int64_t most = kMostResampledRows / std::min(asked, kLeastResamples);
    out.note = "no interval for more than " + std::to_string(most) + " pictures";
    return out;
  }
  SortedRows rows(columns);
  std::vector<double> values;
  for (std::int64_t i = 0; i < resamples; ++i) {
    const Rng position = rng.child(static_cast<std::uint64_t>(i));
    const double value = metric.compute(rows.draw(RandomStream(position))).value;
    if (!std::isnan(value)) values.push_back(value);
  }
  if (2 * static_cast<std::int64_t>(values.size()) < resamples) {
    out.note = "no interval: undefined in most resamples";
    return out;
  }
  std::sort(values.begin(), values.end());
  out.low = quantile(values, kTail);
  out.high = quantile(values, 1 - kTail);
  if (resamples < asked) out.note = "interval from " + std::to_string(resamples) + " resamples";
  return out;
}

}  // namespace robiq
