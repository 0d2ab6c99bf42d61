#include "robiq/app/study_clock.h"

#include <algorithm>
#include <iterator>

#include "robiq/core/text.h"

namespace robiq {

void StudyClock::add_finished(const std::string& stage, double seconds) {
  stages_[stage].seconds.push_back(seconds);
}

namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::string StudyClock::left_text(std::int64_t processes) const {
  double seconds = 0;
  bool known = false, all_known = true;
  for (const auto& [name, stage] : stages_) {
    if (stage.left <= 0) continue;
    if (stage.seconds.empty()) {
      all_known = false;
      continue;
    }
    known = true;
    seconds +=
        median(stage.seconds) * static_cast<double>(stage.left) / static_cast<double>(processes);
  }
  if (!known) return "";
  return (all_known ? "about " : "more than ") + duration_text(seconds) + " left";
}

}  // namespace robiq
