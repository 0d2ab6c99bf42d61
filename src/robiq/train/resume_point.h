#pragma once
#include <filesystem>
#include <optional>
#include <utility>

#include "robiq/dist/process_group.h"
#include "robiq/train/checkpoint.h"

namespace robiq {

/// The furthest sound checkpoint of a run and its folder. Damaged ones beyond it are set aside
/// under another name, so that the run can write them again. Nothing where there is none at all.
/// \param group  the processes of the run, which all call this; null for one alone
/// \throws Error{kModel} when the earliest checkpoint is damaged, too
/// \throws Error{kData} when the processes see different checkpoints
[[nodiscard]] std::optional<std::pair<std::filesystem::path, Checkpoint>> furthest_sound_checkpoint(
    const std::filesystem::path& checkpoints, const ProcessGroup* group);

}  // namespace robiq
