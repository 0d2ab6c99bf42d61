// Gradient-norm training differentiates a gradient by the parameters. Here that second derivative
// is compared with differences of first ones, for every part that has no kinks.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <functional>

#include "robiq/net/dbcnn_net.h"
#include "robiq/net/maniqa_net.h"
#include "robiq/tensor/random.h"
#include "support/net_state.h"

namespace robiq {
namespace double_backward_test {

using torch::autograd::grad;
using Function = std::function<at::Tensor(const at::Tensor&)>;

/// A sum over the output's squares, so that the output's own gradient is no constant.
at::Tensor gradient_of(const Function& function, const at::Tensor& x) {
  return grad({function(x).square().sum()}, {x}, {}, true, true)[0];
}

/// \param tensors  what the gradient's projection is differentiated by, x among them
void expect_second_derivatives(const Function& function, const at::Tensor& x,
                               std::vector<at::Tensor> tensors) {
  x.requires_grad_(true);
  tensors.push_back(x);
  const at::Tensor v = at::randn_like(x);
  const auto projection = [&] { return (gradient_of(function, x) * v).sum(); };
  const auto slopes = grad({projection()}, tensors, {}, false, false, /*allow_unused=*/true);
  constexpr double kStep = 1e-5;
  int checked = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].is_floating_point()) continue;
    const at::Tensor direction = at::randn_like(tensors[i]).detach();
    const auto moved = [&](double by) {
      {
        const at::NoGradGuard no_grad;
        tensors[i].add_(direction, by);
      }
      return projection().item<double>();
    };
    const double ahead = moved(kStep), behind = moved(-2 * kStep);
    static_cast<void>(moved(kStep));
    const double wanted = (ahead - behind) / (2 * kStep);
    const double got = slopes[i].defined() ? (slopes[i] * direction).sum().item<double>() : 0;
    EXPECT_NEAR(got, wanted, 1e-5 * std::max(1.0, std::abs(wanted))) << "tensor " << i;
    checked += std::abs(wanted) > 1e-3 ? 1 : 0;
  }
  EXPECT_GT(checked, 0) << "nothing depends on anything";
}

std::vector<at::Tensor> doubles_of(torch::nn::Module& net) {
  test::convert(net, at::kDouble);
  return net.parameters();
}

TEST(DoubleBackward, VitBlock) {
  seed_torch_globals(Rng(1));
  VitBlock block(8, 2);
  const auto parameters = doubles_of(*block);
  expect_second_derivatives([&](const at::Tensor& x) { return block(x); },
                            at::randn({2, 5, 8}, at::kDouble), parameters);
}

TEST(DoubleBackward, TransposedAttention) {
  seed_torch_globals(Rng(2));
  TransposedAttention block(6, 0.1);
  block->eval();
  const auto parameters = doubles_of(*block);
  expect_second_derivatives([&](const at::Tensor& x) { return block(x); },
                            at::randn({2, 4, 6}, at::kDouble), parameters);
}

TEST(DoubleBackward, ShiftedSwinBlock) {
  seed_torch_globals(Rng(3));
  SwinBlock block(SwinShape{.width = 8, .side = 8, .heads = 2, .mlp_width = 12}, true, 0.0);
  const auto parameters = doubles_of(*block);
  expect_second_derivatives([&](const at::Tensor& x) { return block(x); },
                            at::randn({1, 64, 8}, at::kDouble), parameters);
}

TEST(DoubleBackward, BilinearPooling) {
  seed_torch_globals(Rng(4));
  const at::Tensor other = at::rand({2, 3, 4, 5}, at::kDouble).requires_grad_(true);
  const at::Tensor weight = at::randn({12}, at::kDouble);
  const auto pooled = [&](const at::Tensor& x) {
    return at::mv(normalized_root(bilinear_pooled(x, resized_like(other, x))), weight);
  };
  expect_second_derivatives(pooled, at::rand({2, 4, 3, 4}, at::kDouble), {other});
}

}  // namespace double_backward_test
}  // namespace robiq
