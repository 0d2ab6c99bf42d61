#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/core/score_scale.h"
#include "robiq/defense/certify/binned_smoothing.h"
#include "robiq/defense/certify/mean_smoothing.h"
#include "robiq/defense/certify/median_smoothing.h"
#include "robiq/defense/certify/noisy_scores.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// How pictures are certified.
struct CertificateSettings {
  NoisySampling sampling;              ///< noise, samples, denoiser
  double confidence = 0.999;           ///< of each side, for one picture
  std::vector<double> radii = {0.05};  ///< l2, units of [0,1]
  std::int64_t bins = 0;               ///< of the model's scale, one is certified; 0: none
};

/// The bin of the scale that most noisy scores fall into, and how far it stays the one. All are
/// none where no bin has more than half of them for certain.
struct CertifiedBin {
  std::optional<double> low, high;  ///< its edges, native; none of a bin beyond the scale's end
  std::optional<double> radius;     ///< l2, units of [0,1]
};

/// What can be said of one picture. Bounds hold for the smoothed scores, not for `score`.
struct PictureCertificate {
  double score = 0;                        ///< f(x), native
  double median = 0;                       ///< of the noisy scores: the smoothed score
  double mean = 0;                         ///< of the noisy scores, clamped to the scale
  std::vector<CertifiedInterval> medians;  ///< of the median, one for each radius
  std::vector<SmoothedRange> means;        ///< of the mean, likewise
  std::vector<double> linf_radii;          ///< l_inf balls that lie inside the radii
  double largest_radius = 0;               ///< up to which the median has both bounds
  std::optional<CertifiedBin> bin;         ///< where bins were asked for
  std::int64_t passes = 0;                 ///< forward passes of the model
};

/// Forward passes that one picture takes. \param samples, bins  of the settings
[[nodiscard]] std::int64_t certificate_passes(std::int64_t samples, std::int64_t bins);

/// Certifies one picture.
/// \param image  [1,3,H,W] in [0,1]
/// \param rng    the run's; draws come from rng.child("certify").child(id), those that choose the
///               bin from rng.child("certify-bin").child(id)
/// \throws what noisy_scores(), median_interval(), mean_interval() and binned_certificate() throw
[[nodiscard]] PictureCertificate certify_picture(QualityModel& model, const at::Tensor& image,
                                                 const std::string& id, const Rng& rng,
                                                 const CertificateSettings& settings);

/// The largest l_inf ball inside an l2 ball of pictures: radius / sqrt(3 H W).
[[nodiscard]] double linf_inside_l2(double radius, std::int64_t height, std::int64_t width);

/// The l2 norm of a change by epsilon in every value, as FGSM makes it: epsilon sqrt(3 H W).
[[nodiscard]] double l2_of_linf(double epsilon, std::int64_t height, std::int64_t width);

/// What certificates of one radius say of a set. A missing bound counts as the end of the scale.
struct CertifiedSet {
  double mean_width = 0;       ///< native points
  double bounded_share = 0;    ///< pictures with both bounds, 0 to 1
  double worst_case_rmse = 0;  ///< of MOS and the farther bound; NaN without MOS
};

/// \param mos  native, one for each picture, or empty
/// \throws Error{kInternal} for an empty set or columns that differ in length
[[nodiscard]] CertifiedSet certified_set(const std::vector<CertifiedInterval>& intervals,
                                         const std::vector<double>& mos, const ScoreScale& scale);

}  // namespace robiq
