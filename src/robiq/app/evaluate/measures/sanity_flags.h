#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/core/score_scale.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// What the flags need to know of an attack beyond its rows.
struct FlaggedAttack {
  std::string name, options;  ///< options as AttackOptions::stored()
  bool white_box = true;      ///< it used gradients of the model that is evaluated
  double linf_budget = 1;     ///< 1: none declared
  /// Mean change of the normalised score under random signs of the same budget; NaN: not measured.
  double noise_change = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::int64_t> noise_images{};  ///< those it is the mean over; none: all
  bool is_set = false;                       ///< its rows repeat those of its members
};

/// Signs that a robustness evaluation of a regressor cannot be trusted, after those of AutoAttack
/// (Croce and Hein, ICML 2020) for classifiers: zero-gradient, not-deterministic,
/// weaker-than-noise, black-box-stronger, budget-unused, outside-scale, narrow-scores,
/// projection-idle.
/// \param rows           of one run and model, the clean ones among them
/// \param deterministic  whether two passes over a picture gave equal scores
[[nodiscard]] std::vector<FlagRow> sanity_flags(const std::vector<ScoreRow>& rows,
                                                const std::vector<FlaggedAttack>& attacks,
                                                const ScoreScale& native, bool deterministic);

/// What makes one doubt the rows of one model: sanity_flags(), with what noise of an attack's
/// budget does to a few pictures, and whether their scores repeat. Flags are logged, too.
/// \param rows   of that model, the clean ones among them
/// \param tried         a few pictures, at least one
/// \param tried_images  their ids in the rows
[[nodiscard]] std::vector<FlagRow> evaluation_flags(const EvaluationSubject& subject,
                                                    const std::vector<NamedAttack>& attacks,
                                                    const std::vector<SeenPicture>& tried,
                                                    const std::vector<std::int64_t>& tried_images,
                                                    const std::vector<ScoreRow>& rows);

/// adaptive-weak, for each attack through a purifier that the attack made without it beat on more
/// than a fifth of the pictures: the purifier's gradient is then a poor guide, and the numbers say
/// little. Logged, too. \param distances  of one model
[[nodiscard]] std::vector<FlagRow> weak_adaptive_flags(const std::vector<DistanceRow>& distances);

}  // namespace robiq
