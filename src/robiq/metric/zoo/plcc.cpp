#include <cmath>

#include "robiq/metric/metric.h"
#include "robiq/metric/statistics/correlation.h"

namespace robiq {
namespace {

/// Pearson's linear correlation of the scores as they are. (The supplement's S4 is printed without
/// the square roots.)
class Plcc final : public Metric {
 public:
  using Options = NoOptions;
  static constexpr const char* kName = "plcc";
  static constexpr const char* kSummary = "Pearson's linear correlation";
  static constexpr const char* kPaper = "Pearson 1895; CVPR 2024 supplement, S1";

  explicit Plcc(const Options&) {}

  [[nodiscard]] bool higher_means_more_robust() const override { return true; }

 protected:
  [[nodiscard]] MetricValue measure(const ScoreColumns& columns) const override {
    const double value = pearson(columns.reference, columns.predicted);
    return {value, std::isnan(value) ? "all scores of a column are equal" : ""};
  }
};

ROBIQ_REGISTER(Metric, Plcc);

}  // namespace
}  // namespace robiq
