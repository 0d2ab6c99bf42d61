#include "robiq/defense/certify/binned_smoothing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "robiq/core/error.h"
#include "robiq/defense/certify/median_smoothing.h"

namespace robiq {
namespace {

std::vector<std::int64_t> class_counts(const std::vector<double>& scores, const ScoreBins& bins) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(bins.classes()), 0);
  for (const double score : scores) ++counts[static_cast<std::size_t>(bins.class_of(score))];
  return counts;
}

}  // namespace

std::int64_t ScoreBins::class_of(double score) const {
  if (score <= low) return 0;
  if (score > high) return count + 1;
  const double place = (score - low) / (high - low) * static_cast<double>(count);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(place)), 1, count);
}

std::optional<double> ScoreBins::lower_edge(std::int64_t number) const {
  if (number == 0) return std::nullopt;
  return low + (high - low) * static_cast<double>(number - 1) / static_cast<double>(count);
}

std::optional<double> ScoreBins::upper_edge(std::int64_t number) const {
  if (number == count + 1) return std::nullopt;
  return *lower_edge(number + 1);
}

BinnedCertificate binned_certificate(const std::vector<double>& selecting,
                                     const std::vector<double>& certifying, const ScoreBins& bins,
                                     double sigma, double alpha) {
  const bool good = !selecting.empty() && !certifying.empty() && bins.high > bins.low &&
                    bins.count >= 1 && sigma > 0 && alpha > 0 && alpha < 1;
  if (!good) {
    throw Error(ErrorKind::kUsage,
                {"the class of a smoothed score cannot be certified from these values",
                 "binned_certificate",
                 "give scores of both draws, bins of some width, sigma above 0 and alpha between "
                 "0 and 1"});
  }
  const std::vector<std::int64_t> chosen = class_counts(selecting, bins);
  const auto winner = std::max_element(chosen.begin(), chosen.end()) - chosen.begin();
  const std::int64_t hits = class_counts(certifying, bins)[static_cast<std::size_t>(winner)];
  BinnedCertificate certificate;
  certificate.chance =
      clopper_pearson_lower(hits, static_cast<std::int64_t>(certifying.size()), alpha);
  if (certificate.chance <= 0.5) return certificate;
  certificate.winner = winner;
  certificate.radius = sigma * normal_quantile(certificate.chance);
  return certificate;
}

}  // namespace robiq
