#include "robiq/app/study_clock.h"

#include "robiq/core/text.h"

namespace robiq {

void StudyClock::add_finished(const std::string& stage, double seconds) {
  stages_[stage].seconds += seconds;
  ++stages_[stage].finished;
}

std::string StudyClock::left_text(std::int64_t processes) const {
  double seconds = 0;
  bool known = false, all_known = true;
  for (const auto& [name, stage] : stages_) {
    if (stage.left <= 0) continue;
    if (stage.finished == 0) {
      all_known = false;
      continue;
    }
    known = true;
    seconds += stage.seconds / static_cast<double>(stage.finished) *
               static_cast<double>(stage.left) / static_cast<double>(processes);
  }
  if (!known) return "";
  return (all_known ? "about " : "more than ") + duration_text(seconds) + " left";
}

}  // namespace robiq
