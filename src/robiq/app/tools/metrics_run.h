#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"
#include "robiq/metric/measures.h"

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
  std::string scale_flag;  ///< no option: which end of the scale was given, "--beta-max"

  static OptionTable<MetricsRequest> options();
  static void settle(MetricsRequest& request, const Params& given);
};

/// The measures of the pairs of columns that a table has. As a row it is what `robiq metrics`
/// prints as JSON.
struct MetricsResult {
  /// One pair of columns.
  struct MeasuredBlock {
    Block block;
    std::vector<Measure> measures;
  };
  std::size_t n = 0;                              ///< pictures
  std::optional<std::string> mos, before, after;  ///< what the table calls the columns
  MetricsRequest options;                         ///< how the measures were taken
  std::vector<MeasuredBlock> blocks;

  static ResultColumns<MetricsResult> columns();
};

/// The measures of every pair of columns the table has: MOS and before, MOS and after, before and
/// after. Columns that are not named are looked for as mos, before (or else score), after.
/// \throws Error{kUsage} for no table or ends of the scale in the wrong order; Error{kData} for a
///   table that cannot be read, a column that is missing, a cell that is no number, fewer than two
///   columns or rows
[[nodiscard]] MetricsResult run_metrics(const MetricsRequest& request);

/// Scores of one set of pictures; what is not known is empty.
struct ScoreLists {
  std::vector<double> mos, before, after;
};

/// The same of scores that are in no table; `request` names neither a table nor columns.
/// \throws Error{kData} for fewer than two lists, lists that differ in length or have one score
[[nodiscard]] MetricsResult run_metrics(const MetricsRequest& request, const ScoreLists& lists);

/// One measure, for tables and CSV.
struct MetricsRow {
  Block block = Block::kMosBefore;
  Measure measure;

  static ResultColumns<MetricsRow> columns();
};

[[nodiscard]] std::vector<MetricsRow> metrics_rows(const MetricsResult& result);

}  // namespace robiq
