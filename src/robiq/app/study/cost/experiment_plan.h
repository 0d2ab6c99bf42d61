#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "robiq/app/study/cost/cell_cost.h"
#include "robiq/app/study/progress/experiment_status.h"
#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq experiment plan` is told.
struct ExperimentPlanRequest {
  std::string file, out, device = "auto";
  std::vector<std::string> cell, data;
  std::int64_t threads = 0;

  static OptionTable<ExperimentPlanRequest> options();
};

/// A cell of a study, before it runs.
struct PlannedCell : CellCost {
  std::string cell;
  CellProgress state = CellProgress::kToDo;

  static ResultColumns<PlannedCell> columns();
};

/// What a study will take on this machine.
struct ExperimentPlan {
  std::vector<PlannedCell> rows;  ///< the chosen cells, in order
  std::string summary;  ///< "9 of 18 cells are to do: about 2 h 03 min, 1.4 GiB at most; ..."
};

/// Measures a step and a pass of each kind and predicts every cell from them. Writes nothing.
/// \throws as set_up_study(); Error{kData} for a data set that is not there
[[nodiscard]] ExperimentPlan plan_experiment(const ExperimentPlanRequest& request);

}  // namespace robiq
