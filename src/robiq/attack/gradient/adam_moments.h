#pragma once
#include <ATen/core/Tensor.h>

namespace robiq {

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
