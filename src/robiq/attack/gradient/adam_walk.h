#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "robiq/attack/attack.h"
#include "robiq/attack/objective.h"

namespace robiq {

/// How adam_walk() walks.
struct AdamWalk {
  Objective objective = Objective::kMid;  ///< one with a direction d
  double step_size = 1e-3;                ///< Adam's rate, of [0,1]
  std::int64_t steps = 10;
  /// What keeps pictures alike, [N], smaller for more alike.
  using Penalty = std::function<at::Tensor(const at::Tensor& images)>;
  /// What makes the penalty of the clean pictures.
  std::function<Penalty(const at::Tensor& clean)> penalty_to;
};

/// Minimises, by Adam on the picture itself, penalty(x') - d f(x') / range, range = 100 normalised
/// points. NaN gradients count as 0, and values are clipped to [0,1] after each step. Rows share
/// nothing: Adam works value by value.
[[nodiscard]] AttackOutcome adam_walk(QualityModel& victim, const AttackBatch& batch,
                                      const AdamWalk& walk, const AttackContext& context);

/// Adam's two moments and its count of steps, for attacks that place its epsilon themselves.
struct AdamMoments {
  static constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

  /// Zeros of the shape of `like`.
  explicit AdamMoments(const at::Tensor& like);
  void add(const at::Tensor& gradient);
  /// 1 - beta^steps of the first and the second moment; after at least one add().
  [[nodiscard]] double bias1() const;
  [[nodiscard]] double bias2() const;
  /// What PyTorch's Adam subtracts at rate 1: epsilon is added to the corrected root.
  [[nodiscard]] at::Tensor torch_step() const;

  at::Tensor first, second;
  int steps = 0;
};

}  // namespace robiq
