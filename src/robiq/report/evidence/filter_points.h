#pragma once
#include <string>
#include <vector>

#include "robiq/report/evidence/evidence.h"

namespace robiq {

/// What one strength of an everyday filter does to the pictures and to a model's scores.
struct FilterPoint {
  Subject subject;
  Situation attack;
  std::string filter;
  double strength = 0;  ///< in the filter's own unit
  Statistic ssim;       ///< with the unfiltered pictures, mean over them
  Statistic psnr;       ///< likewise, in dB; not known where every picture is unchanged
  Statistic gain;       ///< mean change of the normalised score; above 0: damage is rewarded
};

/// Of attacks that are one filter of one strength (their options `filter`,
/// `strength` and `search=none`), by
/// filter and strength, baselines first. Empty where nothing was measured so.
[[nodiscard]] std::vector<FilterPoint> filter_points(const Evidence& evidence,
                                                     const std::string& dataset);

}  // namespace robiq
