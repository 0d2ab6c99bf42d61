#include "robiq/attack/gradient/projected_ascent.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "robiq/core/error.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace projected_ascent_test {

AttackBatch two_pictures(test::TinyIqa& model) {
  const at::Tensor clean =
      at::cat({det::picture({"a", 40, 40, 128, 64}), det::picture({"b", 40, 40, 64, 180})});
  return {clean, model.score(clean).detach(), {"a", "b"}};
}

std::unique_ptr<Attack> pgd(const Params& options) {
  return Registry<Attack>::instance().make("pgd", options);
}

TEST(ProjectedAscent, IsSignAscentInTheLinfBall) {
  test::TinyIqa model;
  const AttackBatch batch = two_pictures(model);
  const at::Tensor start = row_noise(batch, Rng(4), -0.01, 0.01);
  const at::Tensor here =
      projected_ascent(model, batch, {Objective::kMae, BallNorm::kLinf, 0.01, 0.004, 5},
                       batch.images + start, {Rng(0)})
          .images;
  const at::Tensor there =
      sign_ascent(model, batch, {Objective::kMae, 0.01, 0.004, 5}, start, {Rng(0)}).images;
  EXPECT_TRUE(at::equal(here, there));
}

TEST(ProjectedAscent, AnL2StepHasItsLengthAndFollowsTheGradient) {
  test::TinyIqa model;
  const AttackBatch batch = two_pictures(model);
  const at::Tensor leaf = batch.images.detach().clone().requires_grad_(true);
  model.score(leaf).sum().backward();
  const at::Tensor moved =
      projected_ascent(model, batch, {Objective::kUp, BallNorm::kL2, 1, 0.2, 1}, batch.images,
                       {Rng(0)})
          .images -
      batch.images;
  for (std::int64_t row = 0; row < 2; ++row) {
    EXPECT_NEAR(moved[row].norm().item<double>(), 0.2, 1e-4);
    const double along = (moved[row] * leaf.grad()[row]).sum().item<double>();
    EXPECT_NEAR(along, 0.2 * leaf.grad()[row].norm().item<double>(), 1e-3 * along);
  }
}

TEST(NormBall, ShortensToItsRadiusAndStaysInTheUnitRange) {
  const at::Tensor clean = det::picture({"a", 24, 24, 256, 0});
  const AttackBatch batch{clean, at::zeros({1}), {"a"}};
  const NormBall ball(clean, BallNorm::kL2, 0.7);
  const at::Tensor far = clean + row_normal_noise(batch, Rng(1));
  const at::Tensor inside = ball.project(far);
  EXPECT_LE((inside - clean).norm().item<double>(), 0.7 + 1e-5);
  EXPECT_GE(inside.min().item<float>(), 0);
  EXPECT_LE(inside.max().item<float>(), 1);
  EXPECT_TRUE(at::allclose(ball.project(inside), inside, 0, 1e-6));
  EXPECT_TRUE(at::equal(ball.steepest(at::zeros_like(clean)), at::zeros_like(clean)));
}

TEST(NormBall, RandomPointsFillTheBallAndDependOnTheIdAlone) {
  const at::Tensor clean = at::full({2, 3, 16, 16}, 0.5);
  const AttackBatch batch{clean, at::zeros({2}), {"a", "b"}},
      turned{clean, at::zeros({2}), {"b", "a"}};
  for (const BallNorm norm : {BallNorm::kLinf, BallNorm::kL2}) {
    const NormBall ball(clean, norm, 0.1);
    const at::Tensor point = ball.random_point(batch, Rng(1));
    EXPECT_TRUE(at::equal(point[0], ball.random_point(turned, Rng(1))[1]));
    EXPECT_FALSE(at::equal(point[0], point[1]));
    double largest = 0, smallest = 1;
    for (std::uint64_t draw = 0; draw < 30; ++draw) {
      const at::Tensor size = row_size(ball.random_point(batch, Rng(draw)) - clean, norm);
      largest = std::max(largest, size.max().item<double>());
      smallest = std::min(smallest, size.min().item<double>());
    }
    EXPECT_LE(largest, 0.1 + 1e-6);
    EXPECT_GT(largest, 0.09);
    if (norm == BallNorm::kL2) {
      EXPECT_LT(smallest, 0.02) << "lengths are uniform in (0, epsilon)";
    }
  }
}

TEST(RowNormal, HasMeanZeroAndVarianceOne) {
  const AttackBatch batch{at::zeros({1, 3, 64, 64}), at::zeros({1}), {"a"}};
  const at::Tensor noise = row_normal_noise(batch, Rng(2));
  EXPECT_NEAR(noise.mean().item<double>(), 0, 0.03);
  EXPECT_NEAR(noise.std().item<double>(), 1, 0.03);
}

TEST(BestOfRestarts, KeepsTheBestOfEachRowAndTheEarlierOfEquals) {
  const at::Tensor values = at::tensor({1.0, 5.0, 3.0, 5.0, 2.0, 4.0}).view({3, 2});
  const AttackOutcome best = best_of_restarts(3, [&](std::int64_t i) {
    return WalkEnd{at::full({2, 3, 1, 1}, static_cast<double>(i)), values[i], 2, 1};
  });
  EXPECT_TRUE(at::equal(best.images[0], at::full({3, 1, 1}, 1.0)));
  EXPECT_TRUE(at::equal(best.images[1], at::full({3, 1, 1}, 0.0)));
  EXPECT_EQ(best.forwards, 6);
  EXPECT_EQ(best.backwards, 3);
}

TEST(Pgd, MoreRestartsAreNeverWorse) {
  test::TinyIqa model;
  const AttackBatch batch = two_pictures(model);
  const auto gain = [&](std::int64_t restarts) {
    const AttackOutcome outcome = pgd({{"restarts", {restarts, "test"}},
                                       {"norm", {std::string("l2"), "test"}},
                                       {"loss", {std::string("mse"), "test"}},
                                       {"steps", {std::int64_t{3}, "test"}}})
                                      ->run(model, batch, {Rng(3)});
    EXPECT_EQ(outcome.forwards, 4 * restarts);
    return (model.score(outcome.images) - batch.clean_scores).abs().detach();
  };
  const at::Tensor once = gain(1), often = gain(5);
  EXPECT_TRUE((often >= once - 1e-4).all().item<bool>());
  EXPECT_TRUE((often > once + 1e-3).any().item<bool>());
}

TEST(Pgd, RadiusAndStepFollowTheNorm) {
  EXPECT_EQ(pgd({{"norm", {std::string("l2"), "test"}}})->card().linf_budget, 1.0);
  EXPECT_DOUBLE_EQ(pgd({})->card().linf_budget, 8.0 / 255);
  EXPECT_THROW(pgd({{"epsilon", {4.0, "test"}}}), Error);
  EXPECT_NO_THROW(pgd({{"epsilon", {4.0, "test"}}, {"norm", {std::string("l2"), "test"}}}));
}

TEST(Pgd, WarnsWhereNothingWouldMove) {
  const ParamValue none{std::string("none"), "test"}, mse{std::string("mse"), "test"};
  EXPECT_NE(pgd({{"start", none}, {"loss", mse}})->warning(), "");
  EXPECT_EQ(pgd({{"start", none}})->warning(), "");
  EXPECT_EQ(
      pgd({{"start", none}, {"loss", mse}, {"restarts", {std::int64_t{2}, "test"}}})->warning(),
      "");
}

}  // namespace projected_ascent_test
}  // namespace robiq
