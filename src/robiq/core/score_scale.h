#pragma once
#include <cmath>

namespace robiq {

/// The two ends of a scale of quality. `worst` > `best` for difference scores (DMOS).
struct ScoreScale {
  double worst = 0;
  double best = 100;

  /// The smaller of the two ends.
  [[nodiscard]] constexpr double least() const { return best < worst ? best : worst; }
  /// The larger of the two ends.
  [[nodiscard]] constexpr double greatest() const { return worst < best ? best : worst; }
  /// Whether the ends are finite numbers that differ.
  [[nodiscard]] bool valid() const {
    return std::isfinite(worst) && std::isfinite(best) && worst != best;
  }

  /// To the scale on which everything is compared: 0 worst, 100 best (supplement, Eq. S10).
  [[nodiscard]] constexpr double normalise(double score) const {
    return 100.0 * (score - worst) / (best - worst);
  }
  /// The inverse of normalise().
  [[nodiscard]] constexpr double denormalise(double normalised) const {
    return worst + normalised / 100.0 * (best - worst);
  }
  /// How many normalised points one native point is worth; negative for DMOS.
  [[nodiscard]] constexpr double factor() const { return 100.0 / (best - worst); }

  constexpr bool operator==(const ScoreScale&) const = default;
};

}  // namespace robiq
