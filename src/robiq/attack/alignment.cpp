#include "robiq/attack/alignment.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

constexpr int kMostDoublings = 12, kMostBisections = 20;

/// The trials of one search.
class StrengthSearch {
 public:
  StrengthSearch(const std::function<double(double)>& measure, const StrengthTarget& target)
      : measure_(measure), target_(target) {}

  /// Measures and records. \return whether the value is near enough
  bool try_out(double parameter) {
    const double value = measure_(parameter);
    if (std::isnan(value)) {
      throw Error(ErrorKind::kNumeric,
                  {"an attack of strength " + number_text(parameter) + " measures NaN", "", ""});
    }
    trials_.push_back({parameter, value});
    return std::abs(value - target_.value) <= target_.tolerance;
  }
  /// Whether the last trial was as strong as asked, or stronger.
  [[nodiscard]] bool strong_enough() const {
    const double value = trials_.back().value;
    return target_.measure == StrengthMeasure::kSsim ? value <= target_.value
                                                     : value >= target_.value;
  }
  [[nodiscard]] AlignedStrength result() const {
    AlignedStrength out;
    out.trials = trials_;
    out.best = *std::min_element(trials_.begin(), trials_.end(),
                                 [this](const StrengthTrial& a, const StrengthTrial& b) {
                                   return distance(a) < distance(b);
                                 });
    out.reached = distance(out.best) <= target_.tolerance;
    out.not_monotone = !monotone();
    return out;
  }

 private:
  [[nodiscard]] double distance(const StrengthTrial& trial) const {
    return std::abs(trial.value - target_.value);
  }
  [[nodiscard]] bool monotone() const {
    std::vector<StrengthTrial> sorted = trials_;
    std::sort(sorted.begin(), sorted.end(), [](const StrengthTrial& a, const StrengthTrial& b) {
      return a.parameter < b.parameter;
    });
    return std::is_sorted(
        sorted.begin(), sorted.end(), [this](const StrengthTrial& a, const StrengthTrial& b) {
          return target_.measure == StrengthMeasure::kSsim ? a.value > b.value : a.value < b.value;
        });
  }

  const std::function<double(double)>& measure_;
  StrengthTarget target_;
  std::vector<StrengthTrial> trials_;
};

/// Two parameters with the target between them.
struct StrengthBracket {
  double weak = 0, strong = 0;
  bool done = false;  ///< a trial was near enough, or no bracket was found
};

/// Halves or doubles from a start that was tried and is not near enough.
StrengthBracket bracketed(StrengthSearch& search, double start, double most) {
  const bool begins_strong = search.strong_enough();
  double last = start;
  for (int i = 0; i < kMostDoublings; ++i) {
    const double next = begins_strong ? last / 2 : std::min(most, last * 2);
    if (next == last) break;  // the upper end is too weak already
    if (search.try_out(next)) return {0, 0, true};
    if (search.strong_enough() != begins_strong) {
      return begins_strong ? StrengthBracket{next, last, false}
                           : StrengthBracket{last, next, false};
    }
    last = next;
  }
  return {0, 0, true};
}

}  // namespace

StrengthTarget StrengthTarget::of(StrengthMeasure measure, double value) {
  const bool bounded = measure != StrengthMeasure::kL2;
  if (!(value > 0) || !std::isfinite(value) || (bounded && value >= 1)) {
    throw Error(ErrorKind::kUsage, {"no attack has the strength " + number_text(value), "align",
                                    bounded ? "give a value between 0 and 1: linf=4/255, ssim=0.95"
                                            : "give more than 0"});
  }
  switch (measure) {
    case StrengthMeasure::kLinf:
      return {measure, value, 0.1 / 255};
    case StrengthMeasure::kL2:
      return {measure, value, 0.01 * value};
    case StrengthMeasure::kSsim:
      break;
  }
  return {measure, value, 0.002};
}

AlignedStrength align_strength(const std::function<double(double)>& measure,
                               const StrengthTarget& target, double start, double most) {
  if (!(start > 0 && start <= most)) {
    throw Error(ErrorKind::kUsage, {"a search cannot begin at strength " + number_text(start),
                                    "align", "give the attack a strength above 0"});
  }
  StrengthSearch search(measure, target);
  if (search.try_out(start)) return search.result();
  StrengthBracket bracket = bracketed(search, start, most);
  for (int i = 0; i < kMostBisections && !bracket.done; ++i) {
    const double middle = std::sqrt(bracket.weak * bracket.strong);
    bracket.done = search.try_out(middle);
    (search.strong_enough() ? bracket.strong : bracket.weak) = middle;
  }
  return search.result();
}

AlignedStrength align_strength(const std::function<double(double)>& measure,
                               const StrengthTarget& target, double start) {
  return align_strength(measure, target, start, std::numeric_limits<double>::infinity());
}

}  // namespace robiq
