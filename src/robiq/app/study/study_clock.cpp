#include "robiq/app/study/study_clock.h"

#include <algorithm>
#include <iterator>

#include "robiq/core/text/text.h"

namespace robiq {

void StudyClock::add_finished(const std::string& stage, double seconds) {
  seconds_[stage].push_back(seconds);
}

namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::string StudyClock::left_text(const Cells& left) const {
  double seconds = 0;
  bool known = false, all_known = true;
  for (const auto& [stage, cells] : left) {
    if (cells <= 0) continue;
    const auto finished = seconds_.find(stage);
    if (finished == seconds_.end()) {
      all_known = false;
      continue;
    }
    known = true;
    seconds += median(finished->second) * cells;
  }
  if (!known) return "";
  return (all_known ? "about " : "more than ") + duration_text(seconds) + " left";
}

}  // namespace robiq
