#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "robiq/model/quality_model.h"

namespace robiq {

/// What a model's products and convolutions are computed in.
enum class NumberFormat : std::uint8_t { kFp32, kBf16 };
[[nodiscard]] constexpr std::array<std::string_view, 2> words_of(NumberFormat /*type*/) {
  return {"fp32", "bf16"};
}

/// The model itself for kFp32; for kBf16 the same model with the products and convolutions of
/// its forward pass (and so of its backward pass) in bfloat16. Parameters, inputs, scores and
/// gradients by them stay float32, and states and cards are those of the model. Warns where the
/// processor has no such arithmetic.
[[nodiscard]] std::unique_ptr<QualityModel> with_precision(std::unique_ptr<QualityModel> model,
                                                           NumberFormat format);

}  // namespace robiq
