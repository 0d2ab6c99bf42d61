#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "robiq/core/rng.h"
#include "robiq/model/picture_input.h"

namespace robiq {

/// What --certify and its sisters ask for.
struct CertificateRequest {
  double radius = 0;  ///< l2, units of [0,1]
  double sigma = 0.12;
  std::int64_t samples = 1000;
  double confidence = 0.999;  ///< of each end
};

/// Adds to the row of a picture what can be certified of it, all native: smoothed_score (the median
/// under noise), certified_low and certified_high (null where n samples give no bound),
/// certified_radius, certified_radius_linf (the l_inf ball inside it), certified_radius_most,
/// smoothed_mean with its own ends, and certified_passes. The interval is of the smoothed score,
/// not of `score`. \throws Interrupted when the user stops it
void add_certificate(QualityModel& model, const WholePicture& picture, const std::string& id,
                     const Rng& rng, const CertificateRequest& request,
                     nlohmann::ordered_json& row);

}  // namespace robiq
