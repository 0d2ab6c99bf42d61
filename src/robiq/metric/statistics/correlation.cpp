#include "robiq/metric/statistics/correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace robiq {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Pair {
  double first, second;
};

/// The deviations from the mean, in a unit that brings them near 1. Empty when all are equal.
std::vector<double> deviations(std::span<const double> values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  // Halved before it is taken, the spread cannot overflow.
  const double origin = *least / 2;
  const double spread = *most / 2 - origin;
  if (spread <= 0) return {};
  const double unit = std::scalbn(1.0, -std::max(std::ilogb(spread) + 1, -1000));
  std::vector<double> out(values.size());
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    out[i] = (values[i] / 2 - origin) * unit;
    sum += out[i];
  }
  const double mean = sum / static_cast<double>(values.size());
  for (double& value : out) value -= mean;
  return out;
}

/// Pairs i < j with equal keys in a sorted sequence: sum of t (t - 1) / 2 over the runs.
template <class Same>
std::int64_t tied_pairs(std::size_t n, Same same) {
  std::int64_t tied = 0, run = 0;
  for (std::size_t i = 1; i < n; ++i) {
    run = same(i - 1, i) ? run + 1 : 0;
    tied += run;
  }
  return tied;
}

/// Merges the sorted halves [first, middle) and [middle, last) of `from` into `to`; counts how many
/// entries jump over how many.
std::int64_t merge_halves(const std::vector<double>& from, std::vector<double>& to,
                          std::size_t first, std::size_t middle, std::size_t last) {
  std::int64_t jumps = 0;
  std::size_t left = first, right = middle;
  for (std::size_t k = first; k < last; ++k) {
    if (right == last || (left < middle && from[left] <= from[right])) {
      to[k] = from[left++];
    } else {
      jumps += static_cast<std::int64_t>(middle - left);
      to[k] = from[right++];
    }
  }
  return jumps;
}

/// Sorts in place, and counts the pairs that stood in the wrong order (equal ones do not).
std::int64_t sort_counting(std::vector<double>& values) {
  constexpr std::size_t kBlock = 16;
  const std::size_t n = values.size();
  std::int64_t jumps = 0;
  for (std::size_t start = 0; start < n; start += kBlock) {
    const std::size_t end = std::min(start + kBlock, n);
    for (std::size_t i = start + 1; i < end; ++i) {
      const double value = values[i];
      std::size_t j = i;
      for (; j > start && values[j - 1] > value; --j) values[j] = values[j - 1];
      values[j] = value;
      jumps += static_cast<std::int64_t>(i - j);
    }
  }
  std::vector<double> other(n);
  for (std::size_t width = kBlock; width < n; width *= 2) {
    for (std::size_t first = 0; first < n; first += 2 * width) {
      const std::size_t middle = std::min(first + width, n);
      jumps += merge_halves(values, other, first, middle, std::min(middle + width, n));
    }
    values.swap(other);
  }
  return jumps;
}

}  // namespace

std::vector<double> mid_ranks(std::span<const double> values) {
  const std::size_t n = values.size();
  std::vector<std::pair<double, std::size_t>> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = {values[i], i};
  std::sort(order.begin(), order.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<double> ranks(n);
  for (std::size_t start = 0; start < n;) {
    std::size_t end = start + 1;
    while (end < n && order[end].first == order[start].first) ++end;
    const double rank = 0.5 * static_cast<double>(start + 1 + end);
    for (; start < end; ++start) ranks[order[start].second] = rank;
  }
  return ranks;
}

double pearson(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 2) return kNaN;
  const std::vector<double> dx = deviations(x), dy = deviations(y);
  if (dx.empty() || dy.empty()) return kNaN;
  double xx = 0, yy = 0, xy = 0, sx = 0, sy = 0;
  for (std::size_t i = 0; i < dx.size(); ++i) {
    xx += dx[i] * dx[i];
    yy += dy[i] * dy[i];
    xy += dx[i] * dy[i];
    sx += dx[i];
    sy += dy[i];
  }
  // The deviations sum to the rounding error of the mean; taking it out makes the second pass exact
  // to first order (Chan, Golub and LeVeque 1983).
  const auto n = static_cast<double>(dx.size());
  xx -= sx * sx / n;
  yy -= sy * sy / n;
  xy -= sx * sy / n;
  return std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
}

double spearman(std::span<const double> x, std::span<const double> y) {
  return pearson(mid_ranks(x), mid_ranks(y));
}

PairCounts count_pairs(std::span<const double> x, std::span<const double> y) {
  const std::size_t n = x.size();
  std::vector<Pair> rows(n);
  for (std::size_t i = 0; i < n; ++i) rows[i] = {x[i], y[i]};
  std::sort(rows.begin(), rows.end(), [](const Pair& a, const Pair& b) {
    return a.first < b.first || (a.first == b.first && a.second < b.second);
  });
  PairCounts counts;
  counts.pairs = static_cast<std::int64_t>(n) * (static_cast<std::int64_t>(n) - 1) / 2;
  counts.tied_x =
      tied_pairs(n, [&](std::size_t i, std::size_t j) { return rows[i].first == rows[j].first; });
  const std::int64_t tied_both = tied_pairs(n, [&](std::size_t i, std::size_t j) {
    return rows[i].first == rows[j].first && rows[i].second == rows[j].second;
  });
  std::vector<double> seconds(n);
  for (std::size_t i = 0; i < n; ++i) seconds[i] = rows[i].second;
  const std::int64_t discordant = sort_counting(seconds);
  counts.tied_y =
      tied_pairs(n, [&](std::size_t i, std::size_t j) { return seconds[i] == seconds[j]; });
  const std::int64_t untied = counts.pairs - counts.tied_x - counts.tied_y + tied_both;
  counts.balance = untied - 2 * discordant;
  return counts;
}

double kendall_tau_b(std::span<const double> x, std::span<const double> y) {
  const PairCounts counts = count_pairs(x, y);
  if (counts.pairs == counts.tied_x || counts.pairs == counts.tied_y) return kNaN;
  // One root of the product, not a product of roots: 1 comes out as 1.
  const double untied_x = static_cast<double>(counts.pairs - counts.tied_x);
  const double untied_y = static_cast<double>(counts.pairs - counts.tied_y);
  const double value = static_cast<double>(counts.balance) / std::sqrt(untied_x * untied_y);
  return std::clamp(value, -1.0, 1.0);
}

double kendall_tau_a(std::span<const double> x, std::span<const double> y) {
  const PairCounts counts = count_pairs(x, y);
  if (counts.pairs == counts.tied_x || counts.pairs == counts.tied_y) return kNaN;
  return static_cast<double>(counts.balance) / static_cast<double>(counts.pairs);
}

namespace {

/// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), evaluated
/// from the front by the modified method of Lentz.
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kEnough = 1e-16;
  constexpr int kMaxTerms = 10000;
  const auto term = [&](int i) {
    const double m = i / 2;
    if (i % 2 == 0) return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
  };
  const auto not_zero = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1, d = 1 / not_zero(1 + term(1)), fraction = d;
  for (int i = 2; i < kMaxTerms; ++i) {
    d = 1 / not_zero(1 + term(i) * d);
    c = not_zero(1 + term(i) / c);
    fraction *= c * d;
    if (std::abs(c * d - 1) < kEnough) break;
  }
  return fraction;
}

/// The regularised incomplete beta function I_x(a, b).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  // Each of the two forms converges fast on one side of the mean.
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/// How much lies above t >= 0.
double upper_tail(double t, double degrees) {
  return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t)) / 2;
}

}  // namespace

double student_t_quantile(double probability, double degrees) {
  if (probability < 0.5) return -student_t_quantile(1 - probability, degrees);
  const double tail = 1 - probability;
  double low = 0, high = 1;
  while (upper_tail(high, degrees) > tail) high *= 2;
  constexpr int kHalvings = 200;
  for (int i = 0; i < kHalvings && high - low > 1e-15 * high; ++i) {
    const double middle = (low + high) / 2;
    (upper_tail(middle, degrees) > tail ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace robiq
