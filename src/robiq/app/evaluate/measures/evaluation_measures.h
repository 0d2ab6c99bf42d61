#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "robiq/app/evaluate/measures/measured_rows.h"
#include "robiq/core/score_scale.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// How the measures of an evaluation are taken.
struct EvaluationMeasures {
  std::int64_t resamples = 1000;  ///< of the bootstrap; 0: no intervals
  std::uint64_t seed = 0;
  ScoreScale native;         ///< of the model's own scores
  std::string certificates;  ///< how pictures were certified, for people; "": they were not
};

/// Takes every measure of a run's stored scores, for the clean pictures (mos_before) and for each
/// attack (mos_after, before_after), stores them and returns them, one row a block; see
/// run_evaluation(). Everything is on the normalised scale, but for the MSU benchmark's measures
/// (msu_*, of before_after): those are taken from native scores as that benchmark does, and where
/// lower native scores are better their gains and distances change sign. Behind a purifier
/// before_after also has the measures of the MSU defense benchmark (metric/defense_measures.h),
/// with gains by the width of the native scale, msu_range; and, stored only, purifier_seconds. With
/// certificates the clean rows have certified_measures().
std::vector<EvaluationRow> store_measures(ResultsStore& store, std::int64_t run,
                                          const EvaluationMeasures& how);

}  // namespace robiq
