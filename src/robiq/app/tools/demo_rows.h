#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "robiq/app/evaluate/measures/measured_rows.h"
#include "robiq/core/files/result_columns.h"

namespace robiq {

/// A measure of the baseline and of its +NT twin.
struct DemoRow {
  std::string attack;   ///< "none (clean)" without one
  std::string between;  ///< which two columns of scores are compared, in words
  std::string measure;
  double base = 0, nt = 0;

  static ResultColumns<DemoRow> columns();
};

/// The measures of one twin, as its process tells them to the other.
[[nodiscard]] nlohmann::ordered_json measures_of(const std::vector<EvaluationRow>& rows);

/// What both twins have, in the order of the baseline.
/// \param base, nt  of measures_of()
[[nodiscard]] std::vector<DemoRow> side_by_side(const nlohmann::ordered_json& base,
                                                const nlohmann::ordered_json& nt);

}  // namespace robiq
