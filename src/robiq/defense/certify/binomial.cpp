#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "robiq/defense/certify/median_smoothing.h"

namespace robiq {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

/// log of the probability of exactly k successes; 0 < chance < 1.
double log_binomial_mass(std::int64_t k, std::int64_t n, double chance) {
  const auto a = static_cast<double>(k), b = static_cast<double>(n - k);
  return std::lgamma(a + b + 1) - std::lgamma(a + 1) - std::lgamma(b + 1) + a * std::log(chance) +
         b * std::log1p(-chance);
}

}  // namespace

double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double normal_quantile(double probability) {
  if (probability <= 0) return -kInfinite;
  if (probability >= 1) return kInfinite;
  if (probability > 0.5) return -normal_quantile(1 - probability);
  // The tail's leading term brackets the root from below; halving and Newton's steps on the
  // logarithm, which is nearly a parabola, do the rest.
  double low = -std::sqrt(-2 * std::log(probability)) - 1, high = 0;
  double x = low / 2;
  constexpr int kSteps = 200;
  for (int i = 0; i < kSteps; ++i) {
    const double reached = normal_distribution(x), excess = std::log(reached / probability);
    (excess > 0 ? high : low) = x;
    const double density = std::exp(-x * x / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
    double next = density > 0 ? x - excess * reached / density : low;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (std::abs(next - x) <= 1e-16 * std::abs(x)) return next;
    x = next;
  }
  return x;
}

double binomial_distribution(std::int64_t successes, std::int64_t trials, double chance) {
  if (successes < 0) return 0;
  if (successes >= trials || chance <= 0) return 1;
  if (chance >= 1) return 0;
  double sum = 0;
  for (std::int64_t k = 0; k <= successes; ++k) {
    sum += std::exp(log_binomial_mass(k, trials, chance));
  }
  return std::min(sum, 1.0);
}

double clopper_pearson_lower(std::int64_t successes, std::int64_t trials, double alpha) {
  if (successes <= 0) return 0;
  // P(X >= successes) grows with the chance; by symmetry it is a left tail of the failures.
  const auto tail = [&](double chance) {
    return binomial_distribution(trials - successes, trials, 1 - chance);
  };
  double low = 0, high = 1;
  constexpr int kHalvings = 60;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (tail(middle) > alpha ? high : low) = middle;
  }
  return low;  // the side that is covered
}

}  // namespace robiq
