#pragma once
#include <string>
#include <vector>

#include "robiq/app/evaluate/measures/measured_rows.h"
#include "robiq/app/study/study_plan.h"
#include "robiq/core/files/result_columns.h"

namespace robiq {

/// A row of what `robiq experiment run` prints: means over the seeds of a study.
struct StudyRow : MeasuredRow {
  std::string data, model, defense;
  std::string purifier;         ///< what stands before the model; "": nothing
  bool shows_purifier = false;  ///< in tables: where some row of the study has one
  std::size_t seeds = 0;

  static ResultColumns<StudyRow> columns();
};

/// Measures of a study's finished evaluations: means over its seeds, with their deviations. A
/// measure that is undefined for a seed is NaN, and its note says so.
[[nodiscard]] std::vector<StudyRow> study_summary(const Study& study,
                                                  const std::vector<StudyCell>& cells,
                                                  const StudyFolder& folder);

}  // namespace robiq
