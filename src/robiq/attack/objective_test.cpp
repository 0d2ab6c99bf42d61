#include "robiq/attack/objective.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "support/errors.h"

namespace robiq {
namespace objective_test {

at::Tensor gradient_of(Objective objective, const at::Tensor& clean, const ScoreScale& scale,
                       double shift = 0) {
  const at::Tensor scores = (clean + shift).requires_grad_(true);
  return torch::autograd::grad({objective_value(objective, scores, clean, scale)}, {scores})[0];
}

TEST(Objective, MidPushesTowardsTheOtherHalfAndTiesGoUp) {
  const at::Tensor clean = at::tensor({10.0F, 50.0F, 50.5F, 90.0F});
  const at::Tensor gradient = gradient_of(Objective::kMid, clean, {0, 100});
  EXPECT_TRUE(at::equal(gradient, at::tensor({1.0F, 1.0F, -1.0F, -1.0F})));
}

TEST(Objective, MidFollowsTheModelsOwnScale) {
  const at::Tensor unit = gradient_of(Objective::kMid, at::tensor({0.2F, 0.8F}), {0, 1});
  EXPECT_TRUE(at::equal(unit, at::tensor({100.0F, -100.0F})));
  // DMOS: 80 is bad, so quality is pushed up, which lowers the native score.
  const at::Tensor dmos = gradient_of(Objective::kMid, at::tensor({80.0F, 20.0F}), {100, 0});
  EXPECT_TRUE(at::equal(dmos, at::tensor({-1.0F, 1.0F})));
}

TEST(Objective, AbsoluteAndSquaredLossesVanishAtTheCleanScore) {
  for (const Objective objective : {Objective::kMae, Objective::kMse}) {
    EXPECT_TRUE(needs_random_start(objective));
    const at::Tensor clean = at::tensor({40.0F});
    EXPECT_EQ(gradient_of(objective, clean, {0, 100}).item<float>(), 0);
    EXPECT_GT(gradient_of(objective, clean, {0, 100}, 0.5).item<float>(), 0);
    EXPECT_LT(gradient_of(objective, clean, {0, 100}, -0.5).item<float>(), 0);
  }
  EXPECT_FALSE(needs_random_start(Objective::kMid));
}

TEST(Objective, UnknownWordsAreRefused) {
  EXPECT_EQ(parse_objective("down"), Objective::kDown);
  expect_error(ErrorKind::kUsage, {"'away'", "loss", "mid, mae"},
               [] { static_cast<void>(parse_objective("away")); });
}

}  // namespace objective_test
}  // namespace robiq
