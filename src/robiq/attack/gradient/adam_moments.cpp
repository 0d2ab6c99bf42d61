#include "robiq/attack/gradient/adam_moments.h"

#include <ATen/ATen.h>

#include <cmath>

namespace robiq {

AdamMoments::AdamMoments(const at::Tensor& like)
    : first(at::zeros_like(like)), second(at::zeros_like(like)) {}

void AdamMoments::add(const at::Tensor& gradient) {
  ++steps;
  first = kBeta1 * first + (1 - kBeta1) * gradient;
  second = kBeta2 * second + (1 - kBeta2) * gradient.square();
}

double AdamMoments::bias1() const { return 1 - std::pow(kBeta1, steps); }

double AdamMoments::bias2() const { return 1 - std::pow(kBeta2, steps); }

at::Tensor AdamMoments::torch_step() const {
  return first / bias1() / ((second / bias2()).sqrt() + kEpsilon);
}

}  // namespace robiq
