#pragma once
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/attack/attack_strength.h"
#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/evaluate/sanity_flags.h"

namespace robiq {

/// Where a search for equal strength ended (--align).
struct FoundStrength {
  std::string option;              ///< that was moved: "epsilon"
  double strength = 0, value = 0;  ///< as AttackStrength counts it, and the option's value
  double reached = 0;              ///< the measure's mean over the pictures of the search
  std::int64_t pictures = 0, trials = 0, forwards = 0, backwards = 0;
  bool within = false;        ///< the tolerance
  bool not_monotone = false;  ///< somewhere a larger strength gave a weaker attack
};

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

/// Puts the strength into a printed row of the attack.
void add_strength(const FoundStrength& found, nlohmann::ordered_json& row);

}  // namespace robiq
