#include "robiq/defense/certify/picture_certificate.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "robiq/core/error.h"

namespace robiq {
namespace {

constexpr std::int64_t kSelecting = 100;  // draws that choose the bin, as in CERT's code

/// \param certifying  the scores by which the intervals are made
CertifiedBin certified_bin(const std::vector<double>& selecting,
                           const std::vector<double>& certifying, const ScoreScale& scale,
                           const CertificateSettings& settings) {
  const ScoreBins bins{scale.least(), scale.greatest(), settings.bins};
  const BinnedCertificate certificate = binned_certificate(
      selecting, certifying, bins, settings.sampling.sigma, 1 - settings.confidence);
  if (!certificate.winner) return {};
  return {bins.lower_edge(*certificate.winner), bins.upper_edge(*certificate.winner),
          certificate.radius};
}

}  // namespace

std::int64_t certificate_passes(std::int64_t samples, std::int64_t bins) {
  return 1 + samples + (bins > 0 ? kSelecting : 0);
}

PictureCertificate certify_picture(QualityModel& model, const at::Tensor& image,
                                   const std::string& id, const Rng& rng,
                                   const CertificateSettings& settings) {
  const at::NoGradGuard no_grad;
  const NoisySampling& sampling = settings.sampling;
  const ScoreScale& scale = model.card().scale;
  const std::vector<double> scores =
      noisy_scores(model, image, normal_draws(rng.child("certify").child(id)), sampling);
  PictureCertificate certificate;
  certificate.score = model.score(image).item<double>();
  certificate.passes = certificate_passes(sampling.samples, settings.bins);
  certificate.median = sample_median(scores);
  for (const double score : scores) {
    certificate.mean += std::clamp(score, scale.least(), scale.greatest());
  }
  certificate.mean /= static_cast<double>(scores.size());
  certificate.largest_radius =
      largest_certified_radius(sampling.samples, sampling.sigma, settings.confidence);
  const MeanLimits limits = hoeffding_limits(scores, scale, 1 - settings.confidence);
  for (const double radius : settings.radii) {
    certificate.medians.push_back(
        median_interval(scores, radius, sampling.sigma, settings.confidence));
    certificate.means.push_back(mean_interval(limits, scale, radius, sampling.sigma));
    certificate.linf_radii.push_back(linf_inside_l2(radius, image.size(2), image.size(3)));
  }
  if (settings.bins == 0) return certificate;
  NoisySampling fewer = sampling;
  fewer.samples = kSelecting;
  certificate.bin = certified_bin(
      noisy_scores(model, image, normal_draws(rng.child("certify-bin").child(id)), fewer), scores,
      scale, settings);
  return certificate;
}

double linf_inside_l2(double radius, std::int64_t height, std::int64_t width) {
  return radius / std::sqrt(3.0 * static_cast<double>(height * width));
}

double l2_of_linf(double epsilon, std::int64_t height, std::int64_t width) {
  return epsilon * std::sqrt(3.0 * static_cast<double>(height * width));
}

CertifiedSet certified_set(const std::vector<CertifiedInterval>& intervals,
                           const std::vector<double>& mos, const ScoreScale& scale) {
  if (intervals.empty() || (!mos.empty() && mos.size() != intervals.size())) {
    throw Error(ErrorKind::kInternal, {std::to_string(intervals.size()) + " intervals and " +
                                           std::to_string(mos.size()) + " MOS do not fit",
                                       "certified_set", "give one of each for each picture"});
  }
  CertifiedSet set;
  double squares = 0;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const double lower = intervals[i].lower.value_or(scale.least());
    const double upper = intervals[i].upper.value_or(scale.greatest());
    set.mean_width += upper - lower;
    if (intervals[i].lower.has_value() && intervals[i].upper.has_value()) set.bounded_share += 1;
    if (mos.empty()) continue;
    const double far = std::max(std::abs(mos[i] - lower), std::abs(mos[i] - upper));
    squares += far * far;
  }
  const auto n = static_cast<double>(intervals.size());
  set.mean_width /= n;
  set.bounded_share /= n;
  set.worst_case_rmse =
      mos.empty() ? std::numeric_limits<double>::quiet_NaN() : std::sqrt(squares / n);
  return set;
}

}  // namespace robiq
