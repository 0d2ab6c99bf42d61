#include "robiq/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace robiq {

namespace {

/// From 1 at 0 to 0 at 1.
double half_wave(double done) { return 0.5 * (1 + std::cos(std::numbers::pi * done)); }

}  // namespace

double Schedule::at(const TrainPosition& position) const {
  double rate = 1;
  const std::int64_t epoch = position.step / position.steps_per_epoch;
  const auto part_of_run = [&](std::int64_t step) {
    return std::min(1.0, static_cast<double>(step) / static_cast<double>(position.total_steps));
  };
  if (name == "step") {
    rate = std::pow(factor, static_cast<double>(epoch / every_epochs));
  } else if (name == "cosine") {
    constexpr double kFloor = 0.01;
    rate = kFloor + (1 - kFloor) * half_wave(part_of_run(position.step));
  } else if (name == "cosine-epochs") {
    rate = half_wave(part_of_run(epoch * position.steps_per_epoch));
  } else if (name == "cosine-wave") {
    rate = half_wave(static_cast<double>(position.step) / static_cast<double>(half_wave_steps));
  }
  if (position.step < warmup_steps) {
    rate *= static_cast<double>(position.step + 1) / static_cast<double>(warmup_steps + 1);
  }
  return rate;
}

}  // namespace robiq
