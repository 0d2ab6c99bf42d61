#include "robiq/app/score/certificate_rows.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <utility>

#include "robiq/core/text/text.h"
#include "robiq/metric/statistics/correlation.h"

namespace robiq {
namespace {

constexpr double kGreyLevels = 255;

std::optional<double> bound_of(double value) {
  return std::isnan(value) ? std::nullopt : std::optional<double>(value);
}

}  // namespace

std::vector<DistanceRow> certificate_rows(const PictureCertificate& certificate,
                                          const ScoreScale& native) {
  std::vector<DistanceRow> rows;
  const auto add = [&](const char* name, double value) {
    DistanceRow row;
    row.attack = "none";
    row.distance = name;
    row.value = value;
    rows.push_back(std::move(row));
  };
  const auto add_ends = [&](const std::string& name, double low, double high) {
    double a = native.normalise(low), b = native.normalise(high);
    if (native.worst > native.best) std::swap(a, b);
    add((name + "_low").c_str(), a);
    add((name + "_high").c_str(), b);
  };
  const CertifiedInterval& median = certificate.medians.front();
  const SmoothedRange& mean = certificate.means.front();
  add("smoothed_score", native.normalise(certificate.median));
  add_ends("certified", median.lower.value_or(ScoreRow::kNone),
           median.upper.value_or(ScoreRow::kNone));
  add("smoothed_mean", native.normalise(certificate.mean));
  add_ends("smoothed_mean", mean.lower, mean.upper);
  add("certified_linf", certificate.linf_radii.front());
  if (certificate.bin) {
    add_ends("certified_bin", certificate.bin->low.value_or(ScoreRow::kNone),
             certificate.bin->high.value_or(ScoreRow::kNone));
    add("certified_bin_radius", certificate.bin->radius.value_or(ScoreRow::kNone));
  }
  return rows;
}

std::vector<Measure> certified_measures(const CertifiedColumns& columns, const std::string& how) {
  std::vector<CertifiedInterval> intervals;
  for (std::size_t i = 0; i < columns.low.size(); ++i) {
    CertifiedInterval interval;
    interval.lower = bound_of(columns.low[i]);
    interval.upper = bound_of(columns.high[i]);
    intervals.push_back(interval);
  }
  const CertifiedSet set = certified_set(intervals, columns.mos, {0, 100});
  std::vector<Measure> measures;
  const auto add = [&](const char* name, double value) {
    Measure measure;
    measure.name = name;
    measure.value = value;
    measure.note = how;
    measures.push_back(std::move(measure));
  };
  add("certified_share", set.bounded_share);
  add("certified_width", set.mean_width);
  add("certified_srocc", spearman(columns.mos, columns.smoothed));
  add("certified_worst_rmse", set.worst_case_rmse);
  if (columns.bin_radius.empty()) return measures;
  double found = 0, radius = 0;
  for (const double each : columns.bin_radius) {
    if (std::isnan(each)) continue;
    found += 1;
    radius += each;
  }
  const auto pictures = static_cast<double>(columns.bin_radius.size());
  add("certified_bin_share", found / pictures);
  add("certified_bin_radius", radius / pictures);
  return measures;
}

std::string certificate_text(const CertificateRequest& request) {
  std::string text = fmt::format("l2 radius {}, sigma {}, {} copies, confidence {} of each end",
                                 number_text(request.radius), number_text(request.sigma),
                                 request.samples, number_text(request.confidence));
  if (request.bins > 0) text += fmt::format(", {} bins", request.bins);
  if (!request.denoiser.empty()) text += ", denoiser " + request.denoiser;
  return text;
}

std::string certificate_cost(const CertificateRequest& request, std::int64_t pictures,
                             std::int64_t views, double seconds) {
  const double total = seconds * static_cast<double>(request.passes() * pictures);
  return fmt::format(
      "certificates: {} forward passes for each of {} pictures with {} views; about {}, "
      "judged by one pass",
      request.passes(), pictures, views, duration_text(total));
}

std::string certificate_meaning(const CertificateRequest& request, std::int64_t height,
                                std::int64_t width, double budget) {
  const double linf = linf_inside_l2(request.radius, height, width);
  std::string text = fmt::format(
      "the certificates hold for the smoothed score and every change up to the l2 radius {}; on "
      "pictures of {}x{} that is every change of at most {:.3g} levels of 255 in each value",
      number_text(request.radius), width, height, linf * kGreyLevels);
  if (budget <= 0) return text;
  return text + fmt::format(
                    "; an attack that uses its l_inf budget of {:.3g} levels everywhere has an l2 "
                    "norm of {:.3g}",
                    budget * kGreyLevels, l2_of_linf(budget, height, width));
}

}  // namespace robiq
