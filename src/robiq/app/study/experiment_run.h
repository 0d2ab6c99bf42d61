#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/evaluate/threshold.h"
#include "robiq/app/run/request_parts.h"
#include "robiq/app/study/study_summary.h"
#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq experiment run` is told.
struct ExperimentRequest {
  std::string file, out, device = "auto";
  std::vector<std::string> cell, data;
  std::int64_t threads = 0;
  WaitChoice waiting{.process_seconds = 604800};  ///< a cell of another process may take days

  static OptionTable<ExperimentRequest> options();
  static void settle(ExperimentRequest& request, const Params& given);
};

/// What a study came to.
struct ExperimentResult {
  std::vector<StudyRow> rows;     ///< as study_summary()
  std::vector<JudgedRow> judged;  ///< the rows again
  std::optional<Error> failure;   ///< that of the first cell that failed
  bool first = true;  ///< false in the other processes of a group, which have nothing to print
};

/// Works through a study's cells in its folder; what an earlier run of it has done stays. Cells are
/// dealt to the processes of a group, stage by stage.
/// \param fail_if  thresholds, checked against the study before the work, for judge()
/// \throws Error{kUsage} for a study file that cannot be read, or one whose cells differ from those
///         that are in the folder; Interrupted when the user stops it
[[nodiscard]] ExperimentResult run_experiment(const ExperimentRequest& request,
                                              const std::vector<Threshold>& fail_if);

}  // namespace robiq
