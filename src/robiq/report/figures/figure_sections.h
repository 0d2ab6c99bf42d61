#pragma once
#include <vector>

#include "robiq/report/evidence/evidence.h"
#include "robiq/report/evidence/titles.h"
#include "robiq/report/report.h"
#include "robiq/report/report_settings.h"

namespace robiq {

/// Ids of the families of figures, in the order of the report.
[[nodiscard]] std::vector<std::string> figure_ids();

/// A section for each family of figures that the evidence fills, or of those that
/// `settings.figures` names. Puts what they draw into `report.data`, and `report.pictures` and
/// `report.examples`, whether figures name them or not.
/// \throws Error{kUsage} for a family that does not exist
[[nodiscard]] std::vector<Section> figure_sections(const Evidence& evidence, const Titles& titles,
                                                   const ReportSettings& settings, Report& report);

}  // namespace robiq
