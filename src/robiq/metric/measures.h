#pragma once
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/core/options/params.h"
#include "robiq/metric/metric.h"
#include "robiq/metric/statistics/logistic_fit.h"

namespace robiq {

/// Which two columns are compared: MOS with the scores before or after an attack, or these two.
enum class Block { kMosBefore, kMosAfter, kBeforeAfter };

/// "mos_before", "mos_after", "before_after".
[[nodiscard]] std::string_view block_name(Block block);

/// How measures are taken.
struct MeasureOptions {
  /// Measures that depend on the size of the scores are taken between MOS and the scores mapped by
  /// this curve; the block before_after and rank correlations stay as they are.
  std::optional<LogisticForm> mapping;
  std::int64_t resamples = 1000;         ///< of the bootstrap; 0: no intervals
  std::uint64_t seed = 0;                ///< of the bootstrap
  std::map<std::string, Params> params;  ///< options of single measures, by name
};

/// One measure of one block with its 95 % interval (metric/statistics/bootstrap.h). What is
/// undefined is NaN, and `note` says why; a defined value may carry a note too.
struct Measure {
  std::string name;
  double value = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
  std::string note;
};

/// Every registered measure that makes sense in the block: rmse, srocc, krocc, plcc, r, then any
/// others by name. The curve is fitted once and kept in the resamples, so intervals after a mapping
/// leave out the uncertainty of the curve.
/// \throws Error{kInternal} for columns that differ in length, Error{kUsage} for wrong options
[[nodiscard]] std::vector<Measure> compute_measures(Block block, const ScoreColumns& columns,
                                                    const MeasureOptions& options);

}  // namespace robiq
