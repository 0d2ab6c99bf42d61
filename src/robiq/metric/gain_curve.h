#pragma once
#include <span>
#include <string>
#include <vector>

namespace robiq {

/// What one strength of a filter does to a set of pictures.
struct GainPoint {
  double loss = 0;  ///< 1 - mean SSIM with the unfiltered pictures, >= 0
  double gain = 0;  ///< mean change of the score, in normalised points; positive: rewarded
};

/// How a score grows with the damage that a filter does: straight lines through (0, 0) and the
/// points, in the order of their loss. The two arms of a filter, strengths below and above its
/// identity, are two curves.
class GainCurve {
 public:
  /// \param points  any order; of equal losses the mean gain counts
  /// \throws Error{kInternal} for a loss that is negative or not finite
  explicit GainCurve(std::span<const GainPoint> points);

  /// The points, by loss, (0, 0) first.
  [[nodiscard]] const std::vector<GainPoint>& points() const noexcept { return points_; }
  /// The largest loss of the curve.
  [[nodiscard]] double end() const noexcept { return points_.back().loss; }
  /// The integral of the gain from 0 to `most`, the last line cut there; to end() where the curve
  /// ends earlier. \param most  > 0
  [[nodiscard]] double area(double most) const;
  /// The gain at a loss. NaN beyond end().
  [[nodiscard]] double gain_at(double loss) const;

 private:
  std::vector<GainPoint> points_;
};

/// The curve of one arm of a filter.
struct NamedGainCurve {
  std::string filter;
  GainCurve curve;
};

/// How far a set of filters games a score.
struct GamedScore {
  double gamed = 0;         ///< the largest area(most) / most: mean gain under small damage
  std::string gamed_by;     ///< the filter that does it
  double largest_gain = 0;  ///< the largest gain at a loss of `headline`; NaN if none reaches it
  std::string largest_by;   ///< the filter that does it, or ""
  std::vector<std::string> short_curves;  ///< those that end before `most`
};

inline constexpr double kGamedLoss = 0.1;      ///< where areas end: SSIM 0.9
inline constexpr double kHeadlineLoss = 0.05;  ///< where gains are compared: SSIM 0.95

/// \param most      where areas end, as a loss
/// \param headline  where gains are compared, as a loss
/// \throws Error{kInternal} for no curve at all
[[nodiscard]] GamedScore gamed_score(std::span<const NamedGainCurve> curves,
                                     double most = kGamedLoss, double headline = kHeadlineLoss);

/// A measure at one budget.
struct BudgetValue {
  double budget = 0;  ///< epsilon, in levels of 1/255
  double value = 0;
};

/// IRS_M = (1 / (e_J - e_0)) times the integral of M from e_0 to e_J, by the trapezoid rule: the
/// mean of a measure over budgets from the first to the last. The first is budget 0 with the clean
/// value, where the measure has one. After the score of Chistyakova et al., Technologies 2024,
/// whose formula is robiq's own reading. NaN for fewer than two budgets.
/// \param curve  budgets ascending
/// \throws Error{kInternal} for budgets that do not ascend
[[nodiscard]] double integral_robustness(std::span<const BudgetValue> curve);

}  // namespace robiq
