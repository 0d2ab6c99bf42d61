#pragma once
#include <c10/core/Device.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "robiq/core/options/option_rules.h"
#include "robiq/core/options/options.h"
#include "robiq/core/rng.h"
#include "robiq/defense/certify/picture_certificate.h"
#include "robiq/model/picture_input.h"

namespace robiq {

/// What --certify and its sisters ask for.
struct CertificateRequest {
  double radius = 0;  ///< l2, units of [0,1]; 0: no certificate
  double sigma = 0.12;
  std::int64_t samples = 1000;
  double confidence = 0.999;  ///< of each end
  std::int64_t bins = 0;      ///< of the model's scale; 0: no bin is certified
  std::string denoiser;       ///< "dncnn:FILE", or a purifier that draws nothing; "": none

  [[nodiscard]] bool any() const { return radius > 0; }
  /// Forward passes for one picture.
  [[nodiscard]] std::int64_t passes() const { return certificate_passes(samples, bins); }
  static OptionTable<CertificateRequest> options();
  /// Refuses what has no effect without --certify.
  void check(const OptionRules& rules, bool fit) const;
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

/// What can be certified of a picture, all native. The intervals are of the smoothed scores, not of
/// the score itself.
struct CertifiedScore {
  double smoothed_score = 0;        ///< the median under noise
  std::optional<double> low, high;  ///< of the median; nothing where n samples give no bound
  double radius = 0;                ///< l2, as asked
  double radius_linf = 0;           ///< the l_inf ball inside it
  double radius_most = 0;           ///< the largest that so many samples could certify
  double mean = 0, mean_low = 0, mean_high = 0;
  std::optional<CertifiedBin> bin;  ///< where bins were asked for
  std::int64_t passes = 0;
};

/// \param radius  l2, that was certified
[[nodiscard]] CertifiedScore certified_score(const PictureCertificate& certificate, double radius);

/// The columns of a certified score in a row of results.
void add_certificate(const CertifiedScore& certified, nlohmann::ordered_json& cells);

}  // namespace robiq
