#pragma once
#include <filesystem>

#include "robiq/store/results_store.h"

namespace robiq {

/// Copies what the results database of a training's run folder says of it, its run and the history
/// of its model, into another one, so that a report on that one has training curves and times.
/// Copying again changes nothing.
/// \param label  what the model is called there; "": its name
void copy_training(const std::filesystem::path& run_folder, ResultsStore& into,
                   const std::string& label = "");

}  // namespace robiq
