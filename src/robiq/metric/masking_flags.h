#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "robiq/metric/worst_case.h"

namespace robiq {

/// A difference that counts, in points of the normalised scale.
inline constexpr double kFlagTolerance = 1;
/// A mean change below this at the largest budget asks for the unbounded runs.
inline constexpr double kUnboundedBelow = 25;

/// What a flag does to the headline.
enum class FlagAction {
  kWarn,   ///< the reason stands beside it
  kRefuse  ///< the reason stands in its place
};

/// A sign that the attacks were weaker than the model deserves.
struct MaskingFlag {
  std::string name;  ///< "black-box-wins"
  FlagAction action = FlagAction::kWarn;
  std::string reason;  ///< a sentence for the reader, with the share of pictures
};

/// What APGD in one direction did at one budget, for every picture.
struct ApgdRuns {
  PictureScores start1, start2;  ///< [N] best score from each of the two starts, normalised
  PictureScores late_rise;  ///< [N] points that the better run gained in its last 10 iterations
};

/// A run without a bound (epsilon = 1) towards the nearer end of the scale.
struct UnboundedRun {
  double clean = 0, reached = 0;  ///< normalised scores
};

/// What is known beside the members' scores. What is left empty raises no flag.
struct MaskingEvidence {
  PictureScores gradient_norms;         ///< [N] l1 norm of the clean score's gradient
  bool passes_differ = false;           ///< two passes of one picture gave different scores
  bool averages_draws = false;          ///< gradients are means over draws (EOT)
  std::vector<ApgdRuns> up, down;       ///< one for each budget
  std::vector<UnboundedRun> unbounded;  ///< of unbounded_pictures()
  bool has_purifier = false;            ///< a purifier stands before the model
  bool through_purifier = false;        ///< the attacks went through it
};

/// The rows for the unbounded runs: eight, evenly spaced, or all of a smaller set.
[[nodiscard]] std::vector<std::int64_t> unbounded_pictures(std::int64_t count);

/// Whether mean |worst - clean| at the largest budget is below kUnboundedBelow, so that the
/// unbounded runs are to be made. \throws as check_member_scores()
[[nodiscard]] bool needs_unbounded_runs(const MemberScores& table);

/// The flags that are raised, in this order: zero-gradient, not-deterministic, black-box-wins,
/// noise-wins, one-step-wins, starts-disagree, still-rising, budget-shrinks, unbounded-fails,
/// not-adaptive. A share of pictures is taken at one budget, and the budget with the largest share
/// decides. After Carlini et al., On evaluating adversarial robustness, 2019, and the flags of
/// AutoAttack (Croce and Hein, ICML 2020).
/// \param table  of the members fgsm-up, fgsm-down, apgd-up, apgd-down, square, noise
/// \throws as check_member_scores(); Error{kInternal} for a member that is missing, or evidence of
///         another size
[[nodiscard]] std::vector<MaskingFlag> masking_flags(const MemberScores& table,
                                                     const MaskingEvidence& evidence);

/// Whether one of them refuses the headline.
[[nodiscard]] bool refuses_headline(const std::vector<MaskingFlag>& flags);

/// Whether rounding to 8 bits halves the mean change or more ("lost-in-rounding").
/// \param rounded  [N], the scores of the worst pictures in 8 bits
[[nodiscard]] bool lost_in_rounding(const PictureScores& clean, const PictureScores& worst,
                                    const PictureScores& rounded);

}  // namespace robiq
