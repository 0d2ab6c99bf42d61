#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "robiq/attack/attack.h"
#include "robiq/attack/objective.h"

namespace robiq {

/// A logistic map of scores, top / (1 + exp(-(s - centre) / width)): the perceptual attack's
/// authors attack the mapped score.
struct LogisticMap {
  double top = 10, centre = 0, width = 1;
};

/// How perceptual_ascent() walks.
struct PerceptualAscent {
  double weight = 1e6;      ///< lambda; for the normalised score from 0 to 100, or the mapped one
  double step_size = 5e-3;  ///< of [0,1]
  double decay = 0;         ///< 0: all steps are equal; 1: they shrink linearly to 0
  std::int64_t steps = 200;
  bool spare_corners = true;      ///< no gradient in the first and the last 5 x 5 pixels
  std::optional<double> epsilon;  ///< radius of an l_inf ball to stay in
  std::optional<LogisticMap> map;
  /// D(x, x') per row, larger for more alike.
  using Similarity = std::function<at::Tensor(const at::Tensor& images)>;
  /// What makes D(x, .) of the clean pictures x; empty: no such term.
  std::function<Similarity(const at::Tensor& clean)> similarity_to;
};

/// Ascends (f(x') - f(x))^2 + lambda D(x, x') (Zhang et al., NeurIPS 2022). Each step is that of an
/// Adam that has just been made: step_size g / (|g| + 1e-8), g the gradient scaled to unit l2 norm
/// picture by picture, NaN counted as 0; then values are clipped to [0,1].
/// \param start  perturbation to begin with, [N,3,H,W]
[[nodiscard]] AttackOutcome perceptual_ascent(QualityModel& victim, const AttackBatch& batch,
                                              const PerceptualAscent& walk, const at::Tensor& start,
                                              const AttackContext& context);

/// The words of the option `loss` of attacks that need a direction, mid, up, down, and its help.
[[nodiscard]] std::vector<std::string_view> direction_names();
inline constexpr const char* kDirectionHelp =
    "the way in which the score is pushed; mid: up from 50 and less, else down";

/// Which way each row's normalised score is pushed: 1 up, -1 down; kMid: up from 50 and less.
/// \param clean  native scores [N]   \return [N], of the type of `clean`
/// \throws Error{kInternal} for the objectives that have no direction, kMae and kMse
[[nodiscard]] at::Tensor score_directions(Objective objective, const at::Tensor& clean,
                                          const ScoreScale& scale);

}  // namespace robiq
