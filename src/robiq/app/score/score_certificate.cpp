#include "robiq/app/score/score_certificate.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "robiq/core/stop.h"
#include "robiq/defense/certify/picture_certificate.h"
#include "robiq/model/crop_ensemble.h"
#include "robiq/model/picture_score.h"

namespace robiq {
namespace {

nlohmann::ordered_json bound(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

}  // namespace

void add_certificate(QualityModel& model, const WholePicture& picture, const std::string& id,
                     const Rng& rng, const CertificateRequest& request,
                     nlohmann::ordered_json& row) {
  CropEnsemble ensemble(model, picture.views, view_chunk(model.card(), picture.views),
                        picture.resize);
  CertificateSettings settings;
  settings.sampling.sigma = request.sigma;
  settings.sampling.samples = request.samples;
  settings.sampling.stop = stop_requested;
  settings.confidence = request.confidence;
  settings.radii = {request.radius};
  const PictureCertificate certificate =
      certify_picture(ensemble, picture.picture, id, rng, settings);
  row["smoothed_score"] = certificate.median;
  row["certified_low"] = bound(certificate.medians.front().lower);
  row["certified_high"] = bound(certificate.medians.front().upper);
  row["certified_radius"] = request.radius;
  row["certified_radius_linf"] = certificate.linf_radii.front();
  row["certified_radius_most"] = certificate.largest_radius;
  row["smoothed_mean"] = certificate.mean;
  row["smoothed_mean_low"] = certificate.means.front().lower;
  row["smoothed_mean_high"] = certificate.means.front().upper;
  row["certified_passes"] = certificate.passes;
}

}  // namespace robiq
