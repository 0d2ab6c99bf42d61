#include <algorithm>
#include <cmath>
#include <limits>

#include "robiq/metric/metric.h"

namespace robiq {
namespace {

/// R: the mean over the pictures of log10 of the largest change the scale allows from the clean
/// score, over the change the attack achieved. 0 when every attack reaches the end of the scale,
/// 1 when it achieves a tenth of that; at most log10(100 / 1e-6) = 8 on a scale of 0 to 100.
class RobustnessR final : public Metric {
 public:
  struct Options {
    double offset = 1e-6;
    static OptionTable<Options> options() {
      return {{"offset", &Options::offset,
               "added to every change, so that a picture that did not move counts as very robust "
               "and not as infinitely so",
               0, 1, "score points"}};
    }
  };
  static constexpr const char* kName = "r";
  static constexpr const char* kSummary = "log10 of the possible over the achieved change of score";
  static constexpr const char* kPaper = "Zhang et al., NeurIPS 2022; CVPR 2024 supplement, S5";

  explicit RobustnessR(const Options& options) : offset_(options.offset) {}

  [[nodiscard]] bool higher_means_more_robust() const override { return true; }
  [[nodiscard]] bool compares_with_mos() const override { return false; }

 protected:
  [[nodiscard]] MetricValue measure(const ScoreColumns& columns) const override {
    const double beta_max = columns.scale.greatest();
    const double beta_min = columns.scale.least();
    double sum = 0;
    std::size_t unmoved = 0;
    for (std::size_t i = 0; i < columns.reference.size(); ++i) {
      const double before = columns.reference[i];
      const double change = std::abs(before - columns.predicted[i]);
      unmoved += change < kLeastChange ? 1 : 0;
      const double possible = std::max(beta_max - before, before - beta_min);
      sum += std::log10(possible / (change + offset_));
    }
    if (sum == std::numeric_limits<double>::infinity()) {
      return {std::numeric_limits<double>::quiet_NaN(), note_for(unmoved) + ": R is infinite"};
    }
    return {sum / static_cast<double>(columns.reference.size()), note_for(unmoved)};
  }

 private:
  /// Smaller changes, in the unit of the scores, count as none.
  static constexpr double kLeastChange = 1e-6;

  static std::string note_for(std::size_t unmoved) {
    if (unmoved == 0) return "";
    return std::to_string(unmoved) + (unmoved == 1 ? " picture" : " pictures") +
           " moved by less than 1e-6";
  }

  double offset_;
};

ROBIQ_REGISTER(Metric, RobustnessR);

}  // namespace
}  // namespace robiq
