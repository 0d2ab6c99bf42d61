#include "robiq/defense/certify/median_smoothing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

void check_smoothing(std::int64_t samples, double radius, double sigma, double confidence) {
  const auto refuse = [](const std::string& what, const std::string& hint) {
    throw Error(ErrorKind::kUsage, {what, "smoothing", hint});
  };
  if (samples < 1) refuse("no scores were given", "take 1 sample or more");
  if (!(radius >= 0))
    refuse("a radius of " + number_text(radius) + " is below 0", "give 0 or more");
  if (!(sigma > 0)) refuse("a sigma of " + number_text(sigma) + " adds no noise", "give above 0");
  if (!(confidence >= 0.5 && confidence < 1)) {
    refuse("a confidence of " + number_text(confidence) + " promises nothing",
           "give a value from 0.5 to below 1");
  }
}

}  // namespace

QuantileRanks quantile_ranks(std::int64_t samples, double radius, double sigma, double confidence) {
  check_smoothing(samples, radius, sigma, confidence);
  const double chance = normal_distribution(radius / sigma);
  const auto n = static_cast<double>(samples);
  auto upper = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(chance * n)));
  // The distribution function grows with the rank: the first rank that is sure enough.
  std::int64_t low = upper, high = samples + 1;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (binomial_distribution(middle - 1, samples, chance) > confidence) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  upper = low;
  return {samples + 1 - upper, upper};
}

double largest_certified_radius(std::int64_t samples, double sigma, double confidence) {
  check_smoothing(samples, 0, sigma, confidence);
  const double tail = -std::expm1(std::log1p(-confidence) / static_cast<double>(samples));
  return std::max(0.0, -sigma * normal_quantile(tail));
}

double sample_median(std::vector<double> scores) {
  if (scores.empty()) {
    throw Error(ErrorKind::kUsage,
                {"there are no scores to take the median of", "smoothing", "take 1 or more"});
  }
  std::sort(scores.begin(), scores.end());
  const std::size_t middle = scores.size() / 2;
  return scores.size() % 2 == 1 ? scores[middle] : (scores[middle - 1] + scores[middle]) / 2;
}

CertifiedInterval median_interval(std::vector<double> scores, double radius, double sigma,
                                  double confidence) {
  const auto samples = static_cast<std::int64_t>(scores.size());
  const QuantileRanks ranks = quantile_ranks(samples, radius, sigma, confidence);
  std::sort(scores.begin(), scores.end());
  CertifiedInterval interval{.radius = radius};
  if (ranks.lower >= 1) interval.lower = scores[static_cast<std::size_t>(ranks.lower - 1)];
  if (ranks.upper <= samples) interval.upper = scores[static_cast<std::size_t>(ranks.upper - 1)];
  return interval;
}

}  // namespace robiq
