#pragma once
#include <ATen/core/Tensor.h>

#include <string_view>
#include <vector>

#include "robiq/attack/objective.h"

namespace robiq {

/// The words of the option `loss` of attacks that need a direction: mid, up, down.
[[nodiscard]] std::vector<std::string_view> direction_names();

/// Whither each row's normalised score is pushed: 1 up, -1 down; kMid: up from 50 and less.
/// \param clean  native scores [N]   \return [N], of the type of `clean`
/// \throws Error{kInternal} for the objectives that have no direction, kMae and kMse
[[nodiscard]] at::Tensor score_directions(Objective objective, const at::Tensor& clean,
                                          const ScoreScale& scale);

}  // namespace robiq
