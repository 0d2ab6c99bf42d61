#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "robiq/attack/attack.h"

namespace robiq {

/// What an attack on one picture, or on one view of it, takes.
struct AttackPasses {
  double forwards = 0, backwards = 0;  ///< of the model that it asks
  double own_seconds = 0;              ///< of its own arithmetic
};

/// Makes the attack once, on a stand-in: a smooth model that costs next to nothing, so that what is
/// counted are the passes and what is timed is the attack itself. An attack that ends early on some
/// scores is as long as on the stand-in's. A set of attacks is not made: it knows its passes.
/// \param images  [1,3,H,W] in [0,1]
/// \param set     pictures of the evaluation, for attacks on the order of a whole set
[[nodiscard]] AttackPasses attack_passes(const Attack& attack, const at::Tensor& images,
                                         std::int64_t set);

}  // namespace robiq
