#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "robiq/tensor/tensor_map.h"
#include "robiq/train/history.h"

namespace robiq {

class ProcessGroup;

/// Sums over the steps of an epoch that is under way.
struct EpochSums {
  double loss = 0, penalty = 0, gradient_norm = 0;
  std::int64_t steps = 0;
};

/// Where a run stands. Everything random follows from the seed and the position.
struct RunState {
  std::int64_t phase = 0;          ///< that model and optimizer are in, from 0
  std::int64_t epoch = 0;          ///< epochs finished, over all phases
  std::int64_t step_in_epoch = 0;  ///< steps done of the epoch under way
  std::int64_t step = 0;           ///< optimiser steps done in all
  EpochSums sums;
  std::vector<EpochReport> history;
  std::int64_t best_epoch = 0;  ///< of this phase; 0: none yet
  double best_value = 0;        ///< of what selects
  std::string config_sha256;    ///< of what must not change between the parts of a run
};

/// The report of the best epoch, or nothing.
[[nodiscard]] const EpochReport* best_report(const RunState& state);

/// A folder holding model.safetensors, optimizer.safetensors and state.json: complete or absent.
struct Checkpoint {
  RunState state;
  TensorMap model;
  TensorMap optimizer;  ///< Optimizer::state()

  /// Writes a sibling folder, syncs, renames. \throws Error{kData}.
  void save(const std::filesystem::path& folder) const;
  /// Checks versions and checksums first. \throws Error{kModel} naming what is wrong.
  [[nodiscard]] static Checkpoint load(const std::filesystem::path& folder);
};

/// "epoch-0003", or "epoch-0003-step-000042" within the fourth epoch.
[[nodiscard]] std::string checkpoint_name(const RunState& state);

/// The checkpoints in a folder, furthest first; half-written ones have another name (".part" and a
/// number at the end) and are not among them.
[[nodiscard]] std::vector<std::filesystem::path> checkpoints_in(
    const std::filesystem::path& folder);

/// Removes what a killed run was writing in a folder of checkpoints. \throws Error{kData}.
void clear_unfinished(const std::filesystem::path& folder);

/// The furthest sound checkpoint of a run and its folder. Damaged ones beyond it are set aside
/// under another name, so that the run can write them again. Nothing where there is none at all.
/// \param group  the processes of the run, which all call this; null for one alone
/// \throws Error{kModel} when the earliest checkpoint is damaged, too
/// \throws Error{kData} when the processes see different checkpoints
[[nodiscard]] std::optional<std::pair<std::filesystem::path, Checkpoint>> furthest_sound_checkpoint(
    const std::filesystem::path& checkpoints, const ProcessGroup* group);

}  // namespace robiq
