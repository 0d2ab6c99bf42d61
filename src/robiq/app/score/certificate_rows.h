#pragma once
#include <string>
#include <vector>

#include "robiq/app/score/score_certificate.h"
#include "robiq/core/score_scale.h"
#include "robiq/defense/certify/picture_certificate.h"
#include "robiq/metric/measures.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// A picture's certificate as distances of its clean row, on the scale 0..100: smoothed_score,
/// certified_low, certified_high (NaN where there is no bound), the same of the mean as
/// smoothed_mean, smoothed_mean_low, smoothed_mean_high; certified_linf, the l_inf ball inside the
/// radius, of [0,1]; and where bins were asked for certified_bin_low, certified_bin_high and
/// certified_bin_radius (NaN: none).
[[nodiscard]] std::vector<DistanceRow> certificate_rows(const PictureCertificate& certificate,
                                                        const ScoreScale& native);

/// Columns of the pictures of one set, as certificate_rows() made them, and their MOS, 0..100.
struct CertifiedColumns {
  std::vector<double> smoothed, low, high, mos;
  std::vector<double> bin_radius{};  ///< empty where no bins were asked for
};

/// certified_share (pictures with both ends), certified_width (mean, points), certified_srocc (MOS
/// and smoothed score), certified_worst_rmse (MOS and the farther end); with bins
/// certified_bin_share (pictures with a certified bin) and certified_bin_radius (mean, 0 without).
/// Each notes `how`.
[[nodiscard]] std::vector<Measure> certified_measures(const CertifiedColumns& columns,
                                                      const std::string& how);

/// "l2 radius 0.05, sigma 0.12, 1000 copies, confidence 0.999 of each end".
[[nodiscard]] std::string certificate_text(const CertificateRequest& request);

/// What the certificates cost, for before the work: passes, and the time that they take, judged by
/// one pass.
/// \param seconds  of one pass over all views of a picture
[[nodiscard]] std::string certificate_cost(const CertificateRequest& request, std::int64_t pictures,
                                           std::int64_t views, double seconds);

/// What the radius means beside attacks that are bounded in l_inf, on pictures of that size.
/// \param budget  the largest l_inf budget of the attacks, of [0,1]; 0 for none
[[nodiscard]] std::string certificate_meaning(const CertificateRequest& request,
                                              std::int64_t height, std::int64_t width,
                                              double budget);

}  // namespace robiq
