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

  static OptionTable<NtChoice> options() {
    using C = NtChoice;
    return joined_tables<C>(
        {gradient_norm_rows<C>(
             &C::shape, {"batchnorm", &C::batchnorm,
                         "running statistics: clean updates them once, official as the "
                         "authors' three passes do, frozen leaves them alone; \"\": the recipe's"}),
         {{"scheme", &C::scheme,
           "passes of an NT step. shared: the loss and the penalty share a forward pass; unit: "
           "they share its backward pass too, one picture at a time; auto: unit where it is exact "
           "and a step takes one picture at a time, else shared"},
          {"first_phase", &C::first_phase, "NT in the phases before the main one, too"}}});
  }
};

}  // namespace robiq
