#include <cmath>

#include "robiq/metric/metric.h"
#include "robiq/metric/statistics/correlation.h"

namespace robiq {
namespace {

/// Spearman's rank correlation: Pearson's of the mid-ranks.
class Srocc final : public Metric {
 public:
  using Options = NoOptions;
  static constexpr const char* kName = "srocc";
  static constexpr const char* kSummary = "Spearman's rank correlation, ties by mean ranks";
  static constexpr const char* kPaper = "Spearman 1904; CVPR 2024 supplement, S1";

  explicit Srocc(const Options&) {}

  [[nodiscard]] bool higher_means_more_robust() const override { return true; }
  [[nodiscard]] bool depends_on_values() const override { return false; }

 protected:
  [[nodiscard]] MetricValue measure(const ScoreColumns& columns) const override {
    const double value = spearman(columns.reference, columns.predicted);
    return {value, std::isnan(value) ? "all scores of a column are equal" : ""};
  }
};

ROBIQ_REGISTER(Metric, Srocc);

}  // namespace
}  // namespace robiq
