#include "robiq/app/score/score_certificate.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "robiq/core/options/params.h"
#include "robiq/core/stop.h"
#include "robiq/defense/purify/purifier_chain.h"
#include "robiq/io/checkpoint.h"
#include "robiq/model/crop_ensemble.h"
#include "robiq/model/picture_score.h"

namespace robiq {
namespace {

constexpr const char* kDenoiserFlag = "--certify-denoiser";

nlohmann::ordered_json bound(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

Denoiser dncnn_of(const std::string& file, c10::Device device) {
  if (file.empty()) {
    throw Error(ErrorKind::kUsage, {"dncnn has no weights", kDenoiserFlag, "write dncnn:FILE"});
  }
  TensorMap state;
  for (auto& [name, tensor] : read_checkpoint(file).tensors) {
    state.emplace(name, tensor.is_floating_point() ? tensor.to(device) : tensor);
  }
  const auto net = std::make_shared<DnCnn>(std::move(state));
  return [net](const at::Tensor& images) { return (*net)(images); };
}

Denoiser denoiser_of(const std::string& text, c10::Device device) {
  if (text.empty()) return {};
  const Spec spec = parse_spec(text, kDenoiserFlag);
  if (spec.name == "dncnn") return dncnn_of(spec.argument, device);
  const std::shared_ptr<const Purifier> purifier = make_purifier(text, kDenoiserFlag);
  if (purifier->card().randomised) {
    throw Error(ErrorKind::kUsage,
                {"the purifier " + text +
                     " draws random numbers, and a certificate is of one "
                     "fixed function",
                 kDenoiserFlag, "give one that draws nothing, for example gaussian-blur"});
  }
  return [purifier](const at::Tensor& images) {
    return purifier->purify(images,
                            std::vector<Rng>(static_cast<std::size_t>(images.size(0)), Rng(0)));
  };
}

}  // namespace

CertificateSettings certificate_settings(const CertificateRequest& request, c10::Device device) {
  CertificateSettings settings;
  settings.sampling.sigma = request.sigma;
  settings.sampling.samples = request.samples;
  settings.sampling.stop = stop_requested;
  settings.sampling.denoise = denoiser_of(request.denoiser, device);
  settings.confidence = request.confidence;
  settings.radii = {request.radius};
  return settings;
}

PictureCertificate certify_whole(QualityModel& model, const WholePicture& picture,
                                 const std::string& id, const Rng& rng,
                                 const CertificateSettings& settings) {
  CropEnsemble ensemble(model, picture.views, view_chunk(model.card(), picture.views),
                        picture.resize);
  return certify_picture(ensemble, picture.picture, id, rng, settings);
}

void add_certificate(const PictureCertificate& certificate, double radius,
                     nlohmann::ordered_json& row) {
  row["smoothed_score"] = certificate.median;
  row["certified_low"] = bound(certificate.medians.front().lower);
  row["certified_high"] = bound(certificate.medians.front().upper);
  row["certified_radius"] = radius;
  row["certified_radius_linf"] = certificate.linf_radii.front();
  row["certified_radius_most"] = certificate.largest_radius;
  row["smoothed_mean"] = certificate.mean;
  row["smoothed_mean_low"] = certificate.means.front().lower;
  row["smoothed_mean_high"] = certificate.means.front().upper;
  row["certified_passes"] = certificate.passes;
}

}  // namespace robiq
