#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "robiq/data/loader.h"
#include "robiq/train/checkpoint.h"
#include "robiq/train/optimizer.h"
#include "robiq/train/train_step.h"

namespace robiq {

/// A straight line from a data set's labels to what the loss compares a model's outputs with.
struct LabelMap {
  double factor = 1, offset = 0;
  [[nodiscard]] constexpr double operator()(double label) const { return factor * label + offset; }
};

/// One stretch of a run, with an optimiser of its own.
struct TrainPhase {
  std::string name = "all";  ///< for people
  StepParts step;            ///< of one model in all phases
  std::int64_t epochs = 20;
  Schedule schedule{};                ///< over the phase
  std::vector<std::string> groups{};  ///< parameter groups that learn; empty: all
  /// Of these, those that learn in the phase's first epoch alone.
  std::vector<std::string> first_epoch_only{};
  bool running_statistics = false;  ///< batch normalisation uses them and leaves them as they are
  bool new_optimizer_every_epoch = false;
};

/// Where to, and what holds for all phases.
struct TrainPlan {
  std::int64_t max_steps = 0;  ///< stops after so many optimiser steps; 0: no limit
  LabelMap labels;
  std::string select_by = "srocc";    ///< what chooses the best epoch: see selection_value()
  std::filesystem::path checkpoints;  ///< folder
  std::filesystem::path history_file;
  double save_every_seconds = 300;  ///< within an epoch; after every epoch in any case
  std::string config_sha256;        ///< of what a resumed run must share with its first part
};

/// What a training run works with; all must outlive it.
struct TrainParts {
  /// In order; each begins with the best weights of the one before.
  std::vector<TrainPhase> phases;
  Loader& loader;
  /// Measures of the model on the validation set, in evaluation mode.
  std::function<std::map<std::string, double>(QualityModel&)> validate;
  /// Called with the state after every epoch; `best` when it is the best of its phase so far.
  std::function<void(const RunState&, bool best)> epoch_done;
  std::function<bool()> stop;
};

/// Trains from the furthest good checkpoint in plan.checkpoints when `resume`, else from the start.
/// A checkpoint is saved after every epoch, every plan.save_every_seconds within one, and when
/// parts.stop() turns true; the best weights of a phase that another follows are kept beside them.
/// At the end all groups may learn again. In a group every process calls it; the first alone
/// writes. parts.stop() must then turn true in all of them at the same step.
/// \throws Interrupted after parts.stop(); Error{kUsage} when the checkpoint is of another
///         configuration or there is no batch to train on, Error{kNumeric} naming epoch, step and
///         pictures for a loss that is NaN.
RunState train(const TrainPlan& plan, const TrainParts& parts, const Rng& rng, bool resume);

/// What decides which epoch is best; more is better.
/// \param select_by   names of measures joined by '+'; "abs-" before one takes its magnitude
/// \param validation  measure -> value
/// \return the sum; NaN where a measure is absent
[[nodiscard]] double selection_value(const std::string& select_by,
                                     const std::map<std::string, double>& validation);

/// Whether the last epoch of the history is the best of its phase so far; the state then says so. A
/// value that is NaN is never better, but the first epoch is best until another is.
bool note_best(RunState& state, const std::string& select_by);

}  // namespace robiq
