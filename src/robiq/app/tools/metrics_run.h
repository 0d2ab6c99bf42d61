#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq metrics` is told: a table of scores made by any program, and how to measure it.
struct MetricsRequest {
  std::string csv;
  std::string mos, before, after;
  double beta_max = 100, beta_min = 0;
  std::string tau = "b";
  std::string mapping = "none";
  std::int64_t bootstrap = 1000;
  std::int64_t seed = 0;
  bool scale_given = false;  ///< no option: beta_max or beta_min was given

  static OptionTable<MetricsRequest> options();
  static void settle(MetricsRequest& request, const Params& given);
};

/// The measures of every pair of columns the table has: MOS and before, MOS and after, before and
/// after. Columns that are not named are looked for as mos, before (or else score), after.
/// \return {"robiq_version", "n", "columns": {"mos": NAME, ...}, "options": {...}, "mos_before":
///   {"rmse", "rmse_low", "rmse_high", "srocc", ...}, "mos_after": {...}, "before_after": {...}},
///   with the blocks that the columns allow; NAME_low and NAME_high (95 %) where a bootstrap is
///   asked for, null where undefined, and NAME_note where there is something to say
/// \throws Error{kUsage} for no table or ends of the scale in the wrong order; Error{kData} for a
///   table that cannot be read, a column that is missing, a cell that is no number, fewer than two
///   columns or rows
[[nodiscard]] nlohmann::ordered_json run_metrics(const MetricsRequest& request);

/// Scores of one set of pictures; what is not known is empty.
struct ScoreLists {
  std::vector<double> mos, before, after;
};

/// The same of scores that are in no table; `request` names neither a table nor columns.
/// \throws Error{kData} for fewer than two lists, lists that differ in length or have one score
[[nodiscard]] nlohmann::ordered_json run_metrics(const MetricsRequest& request,
                                                 const ScoreLists& lists);

/// The result of run_metrics() as rows {block, measure, value, low, high, note} for tables and CSV.
[[nodiscard]] nlohmann::ordered_json metrics_table(const nlohmann::ordered_json& result);

}  // namespace robiq
