#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace robiq {

/// What attacks are brought to equal strength by.
enum class StrengthMeasure {
  kLinf,  ///< mean l_inf norm of the change, of [0,1]
  kL2,    ///< mean l2 norm of the change
  kSsim   ///< mean SSIM with the clean picture; it falls as attacks grow
};

/// A value that a measure is to reach.
struct StrengthTarget {
  StrengthMeasure measure = StrengthMeasure::kLinf;
  double value = 0;
  double tolerance = 0;  ///< how near is near enough, in the unit of the measure

  /// With the usual tolerance: a tenth of a level for l_inf, 1 % for l2, 0.002 for SSIM.
  /// \throws Error{kUsage} for a value that the measure cannot have between its ends
  [[nodiscard]] static StrengthTarget of(StrengthMeasure measure, double value);
};

/// One strength that was tried.
struct StrengthTrial {
  double parameter = 0;
  double value = 0;  ///< of the measure
};

/// What align_strength() found.
struct AlignedStrength {
  StrengthTrial best;    ///< of all trials the nearest to the target
  bool reached = false;  ///< whether it is within the tolerance
  /// Whether somewhere a larger parameter gave a weaker attack: another search might end elsewhere.
  bool not_monotone = false;
  std::vector<StrengthTrial> trials;  ///< in the order in which they were made
};

/// The parameter at which an attack is as strong as asked: from `start` halves or doubles, at most
/// 12 times, until the target lies between two trials, then takes geometric means, at most 20
/// times; stops as soon as a trial is within the tolerance.
/// \param measure  parameter -> mean of the measure over the pictures; the same randomness for all
/// \param start    > 0
/// \param most     the largest parameter that the attack takes
/// \throws Error{kUsage} for a start that is not in (0, most], Error{kNumeric} for a measured NaN
[[nodiscard]] AlignedStrength align_strength(const std::function<double(double)>& measure,
                                             const StrengthTarget& target, double start,
                                             double most);
/// Without an upper end.
[[nodiscard]] AlignedStrength align_strength(const std::function<double(double)>& measure,
                                             const StrengthTarget& target, double start);

}  // namespace robiq
