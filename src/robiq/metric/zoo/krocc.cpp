#include <cmath>

#include "robiq/metric/metric.h"
#include "robiq/metric/statistics/correlation.h"

namespace robiq {
namespace {

/// Kendall's rank correlation.
class Krocc final : public Metric {
 public:
  struct Options {
    std::string variant = "tau_b";
    static OptionTable<Options> options() {
      return {{"variant",
               &Options::variant,
               "tau_b leaves tied pairs out of the denominator, tau_a does not",
               {"tau_b", "tau_a"}}};
    }
  };
  static constexpr const char* kName = "krocc";
  static constexpr const char* kSummary = "Kendall's rank correlation";
  static constexpr const char* kPaper = "Kendall 1938, 1945; CVPR 2024 supplement, S1 (tau-a)";

  explicit Krocc(const Options& options) : tau_a_(options.variant == "tau_a") {}

  [[nodiscard]] bool higher_means_more_robust() const override { return true; }
  [[nodiscard]] bool depends_on_values() const override { return false; }

 protected:
  [[nodiscard]] MetricValue measure(const ScoreColumns& columns) const override {
    const auto tau = tau_a_ ? &kendall_tau_a : &kendall_tau_b;
    const double value = tau(columns.reference, columns.predicted);
    return {value, std::isnan(value) ? "all scores of a column are equal" : ""};
  }

 private:
  bool tau_a_;
};

ROBIQ_REGISTER(Metric, Krocc);

}  // namespace
}  // namespace robiq
