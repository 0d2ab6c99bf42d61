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
  /// constant | step | cosine: from 1 to 1 % of it over the run | cosine-epochs: the same to 0,
  /// from epoch to epoch | cosine-wave: down to 0 and up again, for ever
  std::string name = "constant";
  std::int64_t every_epochs = 10;     ///< step: how often the rate falls
  double factor = 0.1;                ///< step: to what part
  std::int64_t half_wave_steps = 50;  ///< cosine-wave: from 1 to 0
  std::int64_t warmup_steps = 0;      ///< linear rise from 1 / (warmup_steps + 1)

  /// In [0, 1]; 0 only at the bottom of a wave.
  [[nodiscard]] double at(const TrainPosition& position) const;
};

}  // namespace robiq
