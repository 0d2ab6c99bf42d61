#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/data/dataset.h"
#include "robiq/dist/process_group.h"
#include "robiq/model/quality_model.h"
#include "robiq/store/results_store.h"
#include "robiq/train/checkpoint.h"

namespace robiq {

/// What a model is validated on.
struct ValidationSet {
  const Dataset& dataset;
  const std::vector<std::size_t>& records;
  ViewPolicy views;
  Rng rng;  ///< where policies with random views draw; each picture at its own id
  /// Each process scores its share, with the running statistics of rank 0. Null: one process.
  const ProcessGroup* group = nullptr;
};

/// rmse (on the normalised scale), srocc, krocc and plcc between the MOS of some records and the
/// model's scores of the whole pictures; a measure that is undefined is left out. Evaluation mode,
/// restored after.
[[nodiscard]] std::map<std::string, double> validation_measures(QualityModel& model,
                                                                const ValidationSet& set);

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
