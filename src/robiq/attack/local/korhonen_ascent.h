#pragma once
#include <ATen/core/Tensor.h>

#include "robiq/attack/attack.h"

namespace robiq {

/// How korhonen_ascent() walks: Adam on 0..255 values.
struct KorhonenAscent {
  double learning_rate = 0.2;  ///< of 0..255
  std::int64_t least_steps = 19, most_steps = 99;
  std::int64_t patience = 2;  ///< steps without a better loss after which a picture is finished
};

/// Raises the score by Adam on the gradient times a mask, and keeps the best picture (Korhonen and
/// You, QoEVMA 2022). The loss is 1 - normalised score / 100. Adam's epsilon, 1e-8, is added to the
/// uncorrected root, as Matlab's does: it damps pixels whose gradient is small.
/// \param mask  [N,1,H,W], factor of the gradient
/// \return values that may lie outside [0,1]: the original saturates when it saves
[[nodiscard]] AttackOutcome korhonen_ascent(QualityModel& victim, const AttackBatch& batch,
                                            const KorhonenAscent& walk, const at::Tensor& mask,
                                            const AttackContext& context);

/// The FM-GOAT port's walk: a fixed number of Adam steps on [0,1] values, clipped after each, the
/// last kept. \param learning_rate  of [0,1]
[[nodiscard]] AttackOutcome fm_goat_ascent(QualityModel& victim, const AttackBatch& batch,
                                           double learning_rate, std::int64_t steps,
                                           const at::Tensor& mask, const AttackContext& context);

}  // namespace robiq
