#pragma once
#include "robiq/app/study/study_plan.h"

namespace robiq {

/// Refuses a cell that names weights, a split or a data set that cannot be opened, before a study
/// works for hours on the cells before it. What earlier cells make may be missing.
/// \param folder  of the study
/// \throws Error{kModel}, Error{kData}
void check_needed_inputs(const StudyCell& cell, const StudyFolder& folder);

}  // namespace robiq
