#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "robiq/data/loader.h"
#include "robiq/train/checkpoint.h"
#include "robiq/train/schedule.h"
#include "robiq/train/train_step.h"

namespace robiq {

/// A straight line from a data set's labels to what the loss compares a model's outputs with.
struct LabelMap {
  double factor = 1, offset = 0;
  [[nodiscard]] constexpr double operator()(double label) const { return factor * label + offset; }
};

/// How long and where to.
struct TrainPlan {
  std::int64_t epochs = 20;
  std::int64_t max_steps = 0;  ///< stops after so many optimiser steps; 0: no limit
  Schedule schedule;
  LabelMap labels;
  std::string select_by = "srocc";    ///< the validation measure that chooses the best epoch
  std::filesystem::path checkpoints;  ///< folder
  std::filesystem::path history_file;
  std::string config_sha256;  ///< of what a resumed run must share with its first part
};

/// What a training run works with; all must outlive it.
struct TrainParts {
  StepParts step;
  Loader& loader;
  /// Measures of the model on the validation set, in evaluation mode.
  std::function<std::map<std::string, double>(QualityModel&)> validate;
  /// Called with the state after every epoch; `best` when it is the best so far.
  std::function<void(const RunState&, bool best)> epoch_done;
  std::function<bool()> stop;
};

/// Trains from the furthest good checkpoint in plan.checkpoints when `resume`, else from the start.
/// After every epoch, and when parts.stop() turns true, a checkpoint is saved.
/// In a group every process calls it; the first alone writes. parts.stop() must then turn true in
/// all of them at the same step.
/// \throws Interrupted after parts.stop(); Error{kUsage} when the checkpoint is of another
///         configuration, Error{kNumeric} naming epoch, step and pictures for a loss that is NaN.
RunState train(const TrainPlan& plan, const TrainParts& parts, const Rng& rng, bool resume);

}  // namespace robiq
