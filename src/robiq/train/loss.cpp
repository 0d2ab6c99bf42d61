#include "robiq/train/loss.h"

#include <ATen/ATen.h>

#include "robiq/core/error.h"

namespace robiq {

template <>
Registry<Loss>& Registry<Loss>::instance() {
  static Registry<Loss> the_registry;
  return the_registry;
}

namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::kNumeric,
              {"no straight line can be fitted from the outputs to the opinion scores: " + why, "",
               "train longer, or on more pictures with different scores"});
}

}  // namespace

LinearMapping linear_mapping(const at::Tensor& outputs, const at::Tensor& mos) {
  const at::Tensor x = outputs.detach().to(at::kDouble), y = mos.detach().to(at::kDouble);
  if (x.dim() != 2 || y.dim() != 1 || x.size(0) != y.size(0)) {
    throw Error(ErrorKind::kInternal, {"outputs [M,K] and scores [M] were expected", "", ""});
  }
  if (x.size(0) < 2) refuse("there are fewer than two pictures");
  if (!(at::isfinite(x).all() & at::isfinite(y).all()).item<bool>()) {
    refuse("a number is not finite");
  }
  // Around the means, where the normal equations lose no digits.
  const at::Tensor x_mean = x.mean(0), y_mean = y.mean();
  const at::Tensor centred = x - x_mean;
  const at::Tensor spread = centred.square().sum(0);
  const at::Tensor resolution = 1e-12 * x.abs().amax(0);
  if ((spread <= resolution.square() * x.size(0)).any().item<bool>()) {
    refuse("the model gives every picture the same output");
  }
  const at::Tensor k = (centred * (y - y_mean).unsqueeze(1)).sum(0) / spread;
  return {k, y_mean - k * x_mean};
}

}  // namespace robiq
