#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

namespace robiq {

/// L-BFGS without a line search, one evaluation a step, in PyTorch's form (Liu and Nocedal, 1989):
/// the first step is min(1, 1 / |g|_1) of the rate, later ones are the rate.
class LbfgsPath {
 public:
  /// \param rate  length of a step, in units of the quasi-Newton direction
  explicit LbfgsPath(double rate) : rate_(rate) {}

  /// What to add to the variable, or zeros where nothing more can be gained: a gradient of at most
  /// 1e-7 everywhere, or a direction that hardly descends.
  /// \param gradient  of what is minimised, the shape of the variable
  [[nodiscard]] at::Tensor step(const at::Tensor& gradient);

 private:
  /// A change of the variable and of the gradient, flat, and 1 / their product.
  struct Pair {
    at::Tensor moved, turned;
    double weight = 0;
  };
  void remember(const at::Tensor& gradient);
  [[nodiscard]] at::Tensor direction(const at::Tensor& gradient) const;

  double rate_, scale_ = 1;
  std::vector<Pair> pairs_;  ///< the last hundred
  at::Tensor last_gradient_, last_move_;
};

}  // namespace robiq
