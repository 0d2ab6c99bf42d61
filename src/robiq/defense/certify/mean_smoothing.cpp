#include "robiq/defense/certify/mean_smoothing.h"

#include <algorithm>
#include <cmath>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/defense/certify/median_smoothing.h"

namespace robiq {

MeanLimits hoeffding_limits(const std::vector<double>& scores, const ScoreScale& scale,
                            double alpha) {
  if (scores.empty() || !(alpha > 0 && alpha < 1)) {
    throw Error(ErrorKind::kUsage,
                {"limits need scores and an alpha between 0 and 1, got " +
                     std::to_string(scores.size()) + " scores and alpha " + number_text(alpha),
                 "hoeffding_limits", "take 1 sample or more"});
  }
  const double low = scale.least(), high = scale.greatest();
  double sum = 0;
  for (const double score : scores) sum += std::clamp(score, low, high);
  const auto n = static_cast<double>(scores.size());
  const double share = (sum / n - low) / (high - low);
  const double reach = std::sqrt(-std::log(alpha) / (2 * n));
  return {std::max(0.0, share - reach), std::min(1.0, share + reach)};
}

SmoothedRange mean_interval(const MeanLimits& limits, const ScoreScale& scale, double radius,
                            double sigma) {
  if (!(radius >= 0) || !(sigma > 0)) {
    throw Error(ErrorKind::kUsage,
                {"a radius of " + number_text(radius) + " under noise of " + number_text(sigma) +
                     " has no certificate",
                 "mean_interval", "give a radius of 0 or more and a sigma above 0"});
  }
  const double low = scale.least(), high = scale.greatest();
  const double shift = radius / sigma;
  const auto score = [&](double quantile) {
    return low + (high - low) * normal_distribution(quantile);
  };
  return {score(normal_quantile(limits.lower) - shift),
          score(normal_quantile(limits.upper) + shift)};
}

}  // namespace robiq
