#include "robiq/attack/gradient/lbfgs_path.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace robiq {
namespace lbfgs_path_test {

TEST(LbfgsPath, BeginsAlongTheGradientShortenedToItsNorm) {
  LbfgsPath path(0.5);
  const at::Tensor step = path.step(at::tensor({3.0, -1.0}));
  EXPECT_TRUE(at::allclose(step, at::tensor({-3.0, 1.0}) * 0.5 / 4));
}

TEST(LbfgsPath, FindsTheMinimumOfAParabola) {
  const at::Tensor curvature = at::tensor({1.0, 10.0, 100.0}), goal = at::tensor({1.0, -2.0, 3.0});
  at::Tensor x = at::zeros({3}, at::kDouble);
  LbfgsPath path(1);
  for (int i = 0; i < 40; ++i) x = x + path.step(curvature * (x - goal));
  EXPECT_TRUE(at::allclose(x, goal.to(at::kDouble), 0, 1e-4)) << x;
}

TEST(LbfgsPath, GoesOnWhereTheFirstGradientIsTiny) {
  LbfgsPath path(1);
  const at::Tensor tiny = at::full({4}, 1e-6, at::kFloat);
  EXPECT_EQ(path.step(tiny).abs().max().item<double>(), 0);
  EXPECT_LT(path.step(at::ones({4})).max().item<double>(), 0) << "downhill";
}

TEST(LbfgsPath, StaysWhereTheGradientIsZero) {
  LbfgsPath path(1);
  EXPECT_EQ(path.step(at::zeros({2, 3})).abs().max().item<float>(), 0);
}

}  // namespace lbfgs_path_test
}  // namespace robiq
