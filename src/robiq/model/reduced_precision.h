#pragma once
#include <memory>
#include <string>

#include "robiq/model/quality_model.h"

namespace robiq {

/// The model itself for "fp32"; for "bf16" the same model with the products and convolutions of
/// its forward pass (and so of its backward pass) in bfloat16. Parameters, inputs, scores and
/// gradients by them stay float32, and states and cards are those of the model. Warns where the
/// processor has no such arithmetic.
/// \throws Error{kUsage} for another word.
[[nodiscard]] std::unique_ptr<QualityModel> with_precision(std::unique_ptr<QualityModel> model,
                                                           const std::string& precision);

}  // namespace robiq
