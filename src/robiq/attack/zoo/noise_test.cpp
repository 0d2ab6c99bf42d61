// The baselines `random-signs` and `gaussian-noise`.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/attack/attack.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace noise_test {

at::Tensor change_by(const std::string& name, double epsilon) {
  test::TinyIqa model;
  const at::Tensor grey = at::full({2, 3, 40, 40}, 0.5);
  const auto attack = Registry<Attack>::instance().make(name, {{"epsilon", {epsilon, "test"}}});
  const AttackOutcome outcome = attack->run(model, {grey, at::zeros({2}), {"a", "b"}}, {Rng(1)});
  EXPECT_EQ(model.forwards, 0);
  EXPECT_EQ(outcome.forwards, 0);
  return outcome.images - grey;
}

TEST(RandomSigns, MovesEveryValueByEpsilonHalfOfThemUp) {
  const at::Tensor change = change_by("random-signs", 0.02);
  EXPECT_TRUE(at::allclose(change.abs(), at::full_like(change, 0.02), 0, 1e-6));
  EXPECT_NEAR(change.gt(0).to(at::kFloat).mean().item<double>(), 0.5, 0.03);
  EXPECT_FALSE(at::equal(change[0], change[1]));
}

TEST(GaussianNoise, IsNormalInsideItsBudget) {
  const at::Tensor change = change_by("gaussian-noise", 0.02) / 0.02;
  EXPECT_LE(change.abs().max().item<double>(), 1 + 1e-4);
  EXPECT_NEAR(change.mean().item<double>(), 0, 0.03);
  // Of a normal variable 68.3 % lie inside one deviation, 38.3 % inside half of it.
  EXPECT_NEAR(change.abs().lt(0.999).to(at::kFloat).mean().item<double>(), 0.683, 0.02);
  EXPECT_NEAR(change.abs().lt(0.5).to(at::kFloat).mean().item<double>(), 0.383, 0.02);
}

}  // namespace noise_test
}  // namespace robiq
