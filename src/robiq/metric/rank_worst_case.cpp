#include "robiq/metric/rank_worst_case.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/metric/statistics/correlation.h"

namespace robiq {
namespace {

constexpr int kMostPasses = 20;
constexpr double kLeastFall = 1e-12;

/// Spearman's correlation of a fixed column with one whose entries change one by one. Ranks are
/// kept doubled, as whole numbers, so that nothing is rounded before the last division.
class MovingSpearman {
 public:
  MovingSpearman(std::span<const double> fixed, std::vector<double> moving)
      : fixed_(doubled_ranks(fixed)),
        moving_(std::move(moving)),
        ranks_(doubled_ranks(moving_)),
        fixed_squares_(squares(fixed_)) {}

  [[nodiscard]] double value() const {
    const double moving_squares = squares(ranks_);
    if (fixed_squares_ == 0 || moving_squares == 0) return std::numeric_limits<double>::quiet_NaN();
    return products() / std::sqrt(fixed_squares_ * moving_squares);
  }
  [[nodiscard]] const std::vector<double>& scores() const { return moving_; }

  void set(std::size_t row, double score) {
    const double old = moving_[row];
    if (old == score) return;
    std::int64_t rank = 2;  // of the new entry: 2 + 2 (smaller ones) + (equal ones)
    for (std::size_t j = 0; j < moving_.size(); ++j) {
      if (j == row) continue;
      ranks_[j] += compared(score, moving_[j]) - compared(old, moving_[j]);
      rank += compared(moving_[j], score);
    }
    moving_[row] = score;
    ranks_[row] = rank;
  }

 private:
  /// What an entry `other` adds to the doubled rank of `own`.
  static std::int64_t compared(double other, double own) {
    return (other < own ? 1 : 0) + (other <= own ? 1 : 0);
  }
  static std::vector<std::int64_t> doubled_ranks(std::span<const double> values) {
    std::vector<std::int64_t> out;
    for (const double rank : mid_ranks(values)) out.push_back(std::llround(2 * rank));
    return out;
  }
  /// A doubled rank about the mean N + 1.
  [[nodiscard]] static std::int64_t centred(const std::vector<std::int64_t>& ranks, std::size_t i) {
    return ranks[i] - std::ssize(ranks) - 1;
  }
  static double squares(const std::vector<std::int64_t>& ranks) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < ranks.size(); ++i) sum += centred(ranks, i) * centred(ranks, i);
    return static_cast<double>(sum);
  }
  [[nodiscard]] double products() const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < ranks_.size(); ++i) sum += centred(fixed_, i) * centred(ranks_, i);
    return static_cast<double>(sum);
  }

  std::vector<std::int64_t> fixed_;
  std::vector<double> moving_;
  std::vector<std::int64_t> ranks_;
  double fixed_squares_;
};

double median_of(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

std::vector<double> start_of(std::span<const double> reference, std::span<const double> low,
                             std::span<const double> high) {
  const double median = median_of(reference);
  std::vector<double> scores;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    scores.push_back(reference[i] >= median ? low[i] : high[i]);
  }
  return scores;
}

/// One pass over the pictures. \return whether it changed anything
bool descend_once(MovingSpearman& search, double& best, std::span<const double> low,
                  std::span<const double> high, std::span<const double> clean) {
  bool changed = false;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    for (const double score : {low[i], high[i], clean[i]}) {
      const double before = search.scores()[i];
      search.set(i, score);
      const double value = search.value();
      if (value < best - kLeastFall) {
        best = value;
        changed = true;
      } else {
        search.set(i, before);
      }
    }
  }
  return changed;
}

}  // namespace

RankWorstCase rank_worst_case(std::span<const double> reference, std::span<const double> clean,
                              std::span<const double> low, std::span<const double> high,
                              std::span<const double> worst) {
  const std::size_t count = reference.size();
  if (clean.size() != count || low.size() != count || high.size() != count ||
      worst.size() != count) {
    throw Error(ErrorKind::kInternal, {"columns differ in length", "worst case of the ranks", ""});
  }
  RankWorstCase out;
  if (count < 2) {
    out.start = out.srocc = std::numeric_limits<double>::quiet_NaN();
    out.note = "fewer than two pictures";
    return out;
  }
  MovingSpearman search(reference, start_of(reference, low, high));
  out.start = out.srocc = search.value();
  if (static_cast<std::int64_t>(count) > kMostRankedPictures) {
    out.note = "more than " + std::to_string(kMostRankedPictures) +
               " pictures: the start of the search, without its passes";
  } else {
    // An undefined start, all scores equal, is left by the first change that defines one.
    double best = std::isnan(out.start) ? 2 : out.start;
    for (int pass = 0; pass < kMostPasses; ++pass) {
      if (!descend_once(search, best, low, high, clean)) break;
    }
    out.srocc = search.value();
  }
  out.scores = search.scores();
  const double of_worst = spearman(reference, worst);
  if (of_worst < out.srocc || std::isnan(out.srocc)) {
    out.srocc = of_worst;
    out.scores.assign(worst.begin(), worst.end());
  }
  return out;
}

}  // namespace robiq
