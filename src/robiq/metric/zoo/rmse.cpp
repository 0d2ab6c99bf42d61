#include <algorithm>
#include <cmath>

#include "robiq/metric/metric.h"

namespace robiq {
namespace {

/// sqrt(mean (reference - predicted)^2), in the unit of the scores.
class Rmse final : public Metric {
 public:
  using Options = NoOptions;
  static constexpr const char* kName = "rmse";
  static constexpr const char* kSummary = "root of the mean squared difference";
  static constexpr const char* kPaper = "CVPR 2024 supplement, S1";

  explicit Rmse(const Options&) {}

  [[nodiscard]] bool higher_means_more_robust() const override { return false; }

 protected:
  [[nodiscard]] MetricValue measure(const ScoreColumns& columns) const override {
    const std::size_t n = columns.reference.size();
    const auto difference = [&](std::size_t i) {
      return std::abs(columns.reference[i] - columns.predicted[i]);
    };
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, difference(i));
    if (largest == 0 || std::isinf(largest)) return {largest, ""};
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double part = difference(i) / largest;
      sum += part * part;
    }
    return {largest * std::sqrt(sum / static_cast<double>(n)), ""};
  }
};

ROBIQ_REGISTER(Metric, Rmse);

}  // namespace
}  // namespace robiq
