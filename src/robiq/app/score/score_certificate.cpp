#include "robiq/app/score/score_certificate.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/params.h"
#include "robiq/core/stop.h"
#include "robiq/defense/purify/purifier_chain.h"
#include "robiq/io/checkpoint.h"
#include "robiq/model/crop_ensemble.h"
#include "robiq/model/picture_score.h"

namespace robiq {

OptionTable<CertificateRequest> CertificateRequest::options() {
  using R = CertificateRequest;
  return {
      {"certify", &R::radius,
       "also give an interval that holds the smoothed score for every change of the picture up "
       "to this l2 norm; 0: off",
       0, 1e4, "(pixel values: 0 to 1)"},
      {"certify_sigma", &R::sigma, "standard deviation of the smoothing noise", 1e-6, 10,
       "(pixel values: 0 to 1)"},
      {"certify_samples", &R::samples, "noisy copies of a picture", 1, 1e7},
      {"certify_confidence", &R::confidence, "confidence of each end of the interval", 0.5,
       0.9999999},
      {"certify_bins", &R::bins,
       "also give the bin that most noisy copies fall into, of so many equal ones on the scale, "
       "and the l2 norm up to which it stays so; 0: off",
       0, 1e6},
      {"certify_denoiser", &R::denoiser,
       "cleans the noisy copies: dncnn:FILE, or a purifier without randomness; \"\": none"}};
}

void CertificateRequest::check(const OptionRules& rules, bool fit) const {
  rules.need(any(),
             {"certify_sigma", "certify_samples", "certify_confidence", "certify_bins",
              "certify_denoiser"},
             "--certify");
  if (!any() || !fit) return;
  throw Error(ErrorKind::kUsage,
              {"a certificate's radius is that of the picture, and fit enlarges it", "--fit",
               "leave out one of the two"});
}

namespace {

constexpr const char* kDenoiserFlag = "--certify-denoiser";

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
  settings.bins = request.bins;
  return settings;
}

PictureCertificate certify_whole(QualityModel& model, const WholePicture& picture,
                                 const std::string& id, const Rng& rng,
                                 const CertificateSettings& settings) {
  CropEnsemble ensemble(model, picture.views, view_chunk(model.card(), picture.views),
                        picture.resize);
  return certify_picture(ensemble, picture.picture, id, rng, settings);
}

CertifiedScore certified_score(const PictureCertificate& certificate, double radius) {
  return {.smoothed_score = certificate.median,
          .low = certificate.medians.front().lower,
          .high = certificate.medians.front().upper,
          .radius = radius,
          .radius_linf = certificate.linf_radii.front(),
          .radius_most = certificate.largest_radius,
          .mean = certificate.mean,
          .mean_low = certificate.means.front().lower,
          .mean_high = certificate.means.front().upper,
          .bin = certificate.bin,
          .passes = certificate.passes};
}

void add_certificate(const CertifiedScore& certified, nlohmann::ordered_json& cells) {
  cells["smoothed_score"] = result_cell(certified.smoothed_score);
  cells["certified_low"] = result_cell(certified.low);
  cells["certified_high"] = result_cell(certified.high);
  cells["certified_radius"] = result_cell(certified.radius);
  cells["certified_radius_linf"] = result_cell(certified.radius_linf);
  cells["certified_radius_most"] = result_cell(certified.radius_most);
  cells["smoothed_mean"] = result_cell(certified.mean);
  cells["smoothed_mean_low"] = result_cell(certified.mean_low);
  cells["smoothed_mean_high"] = result_cell(certified.mean_high);
  if (certified.bin) {
    cells["certified_bin_low"] = result_cell(certified.bin->low);
    cells["certified_bin_high"] = result_cell(certified.bin->high);
    cells["certified_bin_radius"] = result_cell(certified.bin->radius);
  }
  cells["certified_passes"] = certified.passes;
}

}  // namespace robiq
