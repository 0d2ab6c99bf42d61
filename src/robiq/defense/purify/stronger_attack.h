#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "robiq/attack/attack.h"
#include "robiq/attack/objective.h"
#include "robiq/defense/purify/purified_model.h"

namespace robiq {

/// Where the attack that knows nothing of the purifier wins on more pictures than this, the
/// purifier's gradient is a poor guide, and robustness to the adaptive attack says little.
inline constexpr double kAdaptiveWeakShare = 0.2;

/// For each picture the stronger of two attacked versions.
struct StrongerAttack {
  at::Tensor images;            ///< [N,3,H,W]
  std::vector<bool> plain_won;  ///< [N]
  std::int64_t forwards = 0;    ///< passes of the model spent on each row

  /// True when the plain attack won on more than kAdaptiveWeakShare of the pictures.
  [[nodiscard]] bool adaptive_is_weak() const;
};

/// Compares by the objective of f(T(x)) at the purified model's present draws, so that an adaptive
/// attack is never weaker than the attack made without the purifier. Equal values keep the adaptive
/// one.
/// \param purified  has begun with batch.ids
/// \param batch     the clean pictures; clean_scores are the purified model's own
/// \param adaptive,plain  [N,3,H,W], made with and without knowledge of the purifier
[[nodiscard]] StrongerAttack stronger_attack(PurifiedModel& purified, const AttackBatch& batch,
                                             const at::Tensor& adaptive, const at::Tensor& plain,
                                             Objective objective);

}  // namespace robiq
