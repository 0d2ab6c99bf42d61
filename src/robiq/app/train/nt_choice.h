#pragma once
#include <optional>

#include "robiq/core/options/options.h"
#include "robiq/defense/gradient_norm_shape.h"
#include "robiq/model/recipe.h"
#include "robiq/train/step_options.h"

namespace robiq {

/// How a training with NT takes its steps, beside lambda: flags --nt-... of `robiq train`, keys of
/// [[defense]] in a study.
struct NtChoice {
  GradientNormShape shape;
  std::optional<NtBatchnorm> batchnorm;  ///< absent: the recipe's
  StepScheme scheme = StepScheme::kAuto;
  bool first_phase = false;  ///< in the phases before the main one, too

  static OptionTable<NtChoice> options();
};

}  // namespace robiq
