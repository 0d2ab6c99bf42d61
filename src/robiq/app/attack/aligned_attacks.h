#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/attack/attack_strength.h"
#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/evaluate/measures/measured_rows.h"
#include "robiq/app/evaluate/measures/sanity_flags.h"

namespace robiq {

/// The pictures that a search looks at: by their number, at most kAlignedPictures.
struct AlignedPictures {
  std::int64_t count = 0;
  std::function<SeenPicture(std::int64_t number)> see;
};
inline constexpr std::int64_t kAlignedPictures = 50;

/// The strength at which the attack's mean linf, l2 or SSIM over the pictures is what was asked
/// (align_strength()). Says what it found, or that it came only near.
/// \param name  of the attack: its randomness depends on it, and is the same for every trial
[[nodiscard]] FoundStrength find_strength(const EvaluationSubject& subject, const std::string& name,
                                          const AttackStrength& attack,
                                          const StrengthTarget& target,
                                          const AlignedPictures& pictures);

/// As measures of the block before_after, without their keys: `strength` (its note is the option),
/// `aligned_value`, `aligned_trials`, ...
[[nodiscard]] std::vector<MeasureRow> strength_measures(const FoundStrength& found);
/// What strength_measures() made, among the measures of one attack; nothing where they are not.
[[nodiscard]] std::optional<FoundStrength> strength_in(const std::vector<MeasureRow>& measures);

/// What there is to doubt about a strength that was found, without the run and the model.
[[nodiscard]] std::vector<FlagRow> strength_flags(const std::string& attack,
                                                  const StrengthTarget& target,
                                                  const FoundStrength& found);

}  // namespace robiq
