#pragma once
#include <span>
#include <string>

#include "robiq/core/options/registry.h"
#include "robiq/core/score_scale.h"

namespace robiq {

/// Two columns of one evaluation, row i = picture i, both on the same scale.
struct ScoreColumns {
  std::span<const double> reference;  ///< MOS, or the scores before the attack
  std::span<const double> predicted;  ///< the scores that are compared with them
  ScoreScale scale;                   ///< the ends of the scale; R's beta_min and beta_max
};

/// `value` is NaN exactly when the measure is undefined; `note` then says why. A defined value may
/// carry a note too ("3 pictures did not move").
struct MetricValue {
  double value = 0;
  std::string note;
};

/// One number over many pictures: rmse, srocc, krocc, plcc, r.
class Metric {
 public:
  static constexpr const char* kNoun = "measure";
  virtual ~Metric() = default;

  /// Checks, then calls measure(). NaN with a note for fewer than two rows or non-finite scores.
  /// \throws Error{kInternal} when the columns differ in length.
  [[nodiscard]] MetricValue compute(const ScoreColumns& columns) const;

  /// Whether a larger value, taken between the scores before and after an attack, means a model
  /// that is harder to attack.
  [[nodiscard]] virtual bool higher_means_more_robust() const = 0;
  /// Whether it makes sense between MOS and scores; R does not.
  [[nodiscard]] virtual bool compares_with_mos() const { return true; }
  /// Whether the size of the scores counts, not only their order. Such a measure is the one that is
  /// taken after a logistic mapping, when one is asked for.
  [[nodiscard]] virtual bool depends_on_values() const { return true; }

 protected:
  /// \param columns  at least two rows, finite
  [[nodiscard]] virtual MetricValue measure(const ScoreColumns& columns) const = 0;
};

template <>
Registry<Metric>& Registry<Metric>::instance();

}  // namespace robiq
