#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "robiq/app/study/study_plan.h"

namespace robiq {

/// Measures of a study's finished evaluations: means over its seeds.
/// \return rows {data, model, defense, attack, options, level, surrogate, block, seeds, rmse,
///         rmse_std, ...}; a measure that is undefined for a seed is null, and MEASURE_note says so
[[nodiscard]] nlohmann::ordered_json study_summary(const Study& study,
                                                   const std::vector<StudyCell>& cells,
                                                   const StudyFolder& folder);

/// The rows without what a terminal has no room for.
[[nodiscard]] nlohmann::ordered_json study_table(const nlohmann::ordered_json& rows);

}  // namespace robiq
