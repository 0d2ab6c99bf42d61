#include "robiq/metric/metric.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "robiq/core/error.h"

namespace robiq {
namespace {

MetricValue undefined(std::string why) {
  return {std::numeric_limits<double>::quiet_NaN(), std::move(why)};
}

bool is_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

template <>
Registry<Metric>& Registry<Metric>::instance() {
  static Registry<Metric> the_registry;
  return the_registry;
}

MetricValue Metric::compute(const ScoreColumns& columns) const {
  if (columns.reference.size() != columns.predicted.size()) {
    throw Error(ErrorKind::kInternal,
                {"columns of " + std::to_string(columns.reference.size()) + " and " +
                     std::to_string(columns.predicted.size()) + " scores were to be compared",
                 kNoun, ""});
  }
  if (columns.reference.size() < 2) return undefined("fewer than two pictures");
  if (!is_finite(columns.reference) || !is_finite(columns.predicted)) {
    return undefined("a score is not finite");
  }
  MetricValue out = measure(columns);
  if (std::isinf(out.value)) return undefined("the scores are too large to compute with");
  return out;
}

}  // namespace robiq
