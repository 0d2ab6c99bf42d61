#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <vector>

#include "robiq/core/score_scale.h"

namespace robiq {

/// What an attack ascends (supplement S4). y is the score of the clean picture; everything is on
/// the normalised scale, 0 worst to 100 best.
enum class Objective {
  kMid,  ///< L_mid: f(x') for y <= 50, -f(x') for y > 50
  kMae,  ///< L_mae: |f(x') - y|; its gradient at the clean picture is zero
  kMse,  ///< L_mse: (f(x') - y)^2; likewise
  kUp,   ///< f(x')
  kDown  ///< -f(x')
};

/// The words of the option `loss`: mid, mae, mse, up, down.
[[nodiscard]] std::vector<std::string_view> objective_names();

/// \throws Error{kUsage} for another word.
[[nodiscard]] Objective parse_objective(std::string_view name);

/// True for the losses whose gradient vanishes at the clean picture, so that an attack from there
/// never moves.
[[nodiscard]] bool needs_random_start(Objective objective);

/// The value to ascend, summed over the batch so that the rows' gradients do not mix.
/// \param scores  native scores [N], attached to the graph
/// \param clean   native scores [N] of the clean pictures, constants
[[nodiscard]] at::Tensor objective_value(Objective objective, const at::Tensor& scores,
                                         const at::Tensor& clean, const ScoreScale& scale);

/// A value without a gradient moves nowhere, but a picture without any would look unshakeable.
/// \param gradient  of a score, [N, ...]   \param model  its name, for the message
/// \throws Error{kNumeric} where a row is NaN everywhere
void check_gradient(const at::Tensor& gradient, const std::string& model);

}  // namespace robiq
