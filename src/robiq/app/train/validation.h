#pragma once
#include <map>
#include <string>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/data/dataset.h"
#include "robiq/dist/process_group.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// What a model is validated on.
struct ValidationSet {
  const Dataset& dataset;
  const std::vector<std::size_t>& records;
  ViewPolicy views;
  Rng at;  ///< where policies with random views draw; each picture at its own id
  /// Each process scores its share, with the running statistics of rank 0. Null: one process.
  const ProcessGroup* group = nullptr;
};

/// rmse (on the normalised scale), srocc, krocc and plcc between the MOS of some records and the
/// model's scores of the whole pictures; a measure that is undefined is left out. Evaluation mode,
/// restored after.
[[nodiscard]] std::map<std::string, double> validation_measures(QualityModel& model,
                                                                const ValidationSet& set);

}  // namespace robiq
