#pragma once
#include <c10/core/Device.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "robiq/core/rng.h"
#include "robiq/defense/certify/picture_certificate.h"
#include "robiq/model/picture_input.h"

namespace robiq {

/// What --certify and its sisters ask for.
struct CertificateRequest {
  double radius = 0;  ///< l2, units of [0,1]
  double sigma = 0.12;
  std::int64_t samples = 1000;
  double confidence = 0.999;  ///< of each end
  std::string denoiser;       ///< "dncnn:FILE", or a purifier that draws nothing; "": none
};

/// The request made ready for many pictures: a denoiser's weights are read here.
/// \throws Error{kModel} for weights that do not fit, Error{kUsage} for a purifier that draws
[[nodiscard]] CertificateSettings certificate_settings(const CertificateRequest& request,
                                                       c10::Device device);

/// Certifies the score of a whole picture: the noise is added before the views are cut. Stops
/// where the user stops the program. \throws Interrupted then
[[nodiscard]] PictureCertificate certify_whole(QualityModel& model, const WholePicture& picture,
                                               const std::string& id, const Rng& rng,
                                               const CertificateSettings& settings);

/// Adds to the row of a picture what can be certified of it, all native: smoothed_score (the median
/// under noise), certified_low and certified_high (null where n samples give no bound),
/// certified_radius, certified_radius_linf (the l_inf ball inside it), certified_radius_most,
/// smoothed_mean with its own ends, and certified_passes. The interval is of the smoothed score,
/// not of `score`.
void add_certificate(const PictureCertificate& certificate, double radius,
                     nlohmann::ordered_json& row);

}  // namespace robiq
