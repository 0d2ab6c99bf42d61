#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "robiq/store/results_store.h"
#include "robiq/train/checkpoint.h"

namespace robiq {

/// A trained model as an evaluation of its weights names it. \throws Error{kModel} for a file that
/// has no model card
[[nodiscard]] ModelRow trained_model(const std::filesystem::path& weights);

/// What every epoch reported, one row a quantity; without the model's number.
[[nodiscard]] std::vector<HistoryRow> history_rows(const RunState& state);

/// Copies what the results database of a training's run folder says of it, its run and the history
/// of its model, into another one, so that a report on that one has training curves and times.
/// Copying again changes nothing.
/// \param label  what the model is called there; "": its name
void copy_training(const std::filesystem::path& run_folder, ResultsStore& into,
                   const std::string& label = "");

}  // namespace robiq
