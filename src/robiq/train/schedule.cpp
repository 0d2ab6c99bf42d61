#include "robiq/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace robiq {

double Schedule::at(const TrainPosition& position) const {
  double rate = 1;
  if (name == "step") {
    const std::int64_t epoch = position.step / position.steps_per_epoch;
    rate = std::pow(factor, static_cast<double>(epoch / every_epochs));
  } else if (name == "cosine") {
    constexpr double kFloor = 0.01;
    const double done = std::min(
        1.0, static_cast<double>(position.step) / static_cast<double>(position.total_steps));
    rate = kFloor + (1 - kFloor) * 0.5 * (1 + std::cos(std::numbers::pi * done));
  }
  if (position.step < warmup_steps) {
    rate *= static_cast<double>(position.step + 1) / static_cast<double>(warmup_steps + 1);
  }
  return rate;
}

}  // namespace robiq
