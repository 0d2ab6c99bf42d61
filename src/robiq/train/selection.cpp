#include <cmath>
#include <limits>

#include "robiq/core/text/text.h"
#include "robiq/train/trainer.h"

namespace robiq {

double selection_value(const std::string& select_by,
                       const std::map<std::string, double>& validation) {
  constexpr std::string_view kMagnitude = "abs-";
  double sum = 0;
  for (const std::string& term : split(select_by, '+')) {
    const bool magnitude = term.starts_with(kMagnitude);
    const auto it = validation.find(magnitude ? term.substr(kMagnitude.size()) : term);
    if (it == validation.end()) return std::numeric_limits<double>::quiet_NaN();
    sum += magnitude ? std::abs(it->second) : it->second;
  }
  return sum;
}

bool note_best(RunState& state, const std::string& select_by) {
  const EpochReport& report = state.history.back();
  const double value = selection_value(select_by, report.validation);
  // Without pictures to validate on, the last epoch stands for the best one.
  const bool better = report.validation.empty() || value > state.best_value;
  if (state.best_epoch > 0 && !better) return false;
  state.best_epoch = report.epoch;
  state.best_value = std::isnan(value) ? std::numeric_limits<double>::lowest() : value;
  return true;
}

}  // namespace robiq
