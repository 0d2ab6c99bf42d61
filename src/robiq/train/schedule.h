#pragma once
#include <cstdint>
#include <string>

namespace robiq {

/// Where a step stands in a run.
struct TrainPosition {
  std::int64_t step = 0;  ///< optimiser steps done before this one
  std::int64_t steps_per_epoch = 1;
  std::int64_t total_steps = 1;
};

/// Factor on the learning rate, a pure function of the position, so that nothing has to be restored
/// when a run is resumed.
struct Schedule {
  std::string name = "constant";   ///< constant | step | cosine
  std::int64_t every_epochs = 10;  ///< step: how often the rate falls
  double factor = 0.1;             ///< step: to what part
  std::int64_t warmup_steps = 0;   ///< linear rise from 1 / (warmup_steps + 1)

  /// In (0, 1]. cosine falls from 1 to 1 % of it over the run.
  [[nodiscard]] double at(const TrainPosition& position) const;
};

}  // namespace robiq
