#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/attack/gradient/universal.h"
#include "robiq/attack/search/score_queries.h"
#include "support/det.h"
#include "support/score_only_model.h"

namespace robiq {
namespace score_gradient_test {

/// Weights of a score that is linear in the picture.
at::Tensor slope() { return det::noise("slope", -1, 1, {1, 3, 6, 10}); }

test::ScoreOnlyModel linear_model() {
  return test::ScoreOnlyModel([](const at::Tensor& x) {
    return 50 + (x * slope()).sum({1, 2, 3});
  });
}

TEST(ScoreGradient, TilesFromTheCornerAndCuts) {
  const at::Tensor small = at::arange(12, at::kFloat).view({1, 3, 2, 2});
  const at::Tensor big = tiled(small, 3, 5);
  EXPECT_EQ(big.sizes(), (std::vector<std::int64_t>{1, 3, 3, 5}));
  for (std::int64_t y = 0; y < 3; ++y) {
    for (std::int64_t x = 0; x < 5; ++x) {
      EXPECT_EQ(big[0][2][y][x].item<float>(), small[0][2][y % 2][x % 2].item<float>());
    }
  }
}

TEST(ScoreGradient, IsExactForALinearScoreAndProbesThatSpanTheSpace) {
  auto model = linear_model();
  const at::Tensor picture = at::full({1, 3, 6, 10}, 0.5);
  ScoreQueries queries(model, Objective::kUp, at::full({1}, 50), 1000, [] { return false; });
  // n unit probes give the gradient divided by n.
  const auto unit = [](std::int64_t probe) {
    at::Tensor direction = at::zeros({1, 3, 6, 10});
    direction.flatten()[probe] = 1;
    return direction;
  };
  const at::Tensor gradient = 180 * estimate_gradient(queries, picture, 0.25, 180, unit);
  EXPECT_LT((gradient - slope()).abs().max().item<double>(), 1e-3);
  EXPECT_EQ(queries.spent(), 360);
}

TEST(ScoreGradient, OfATileIsTheSumOverItsCopies) {
  auto model = linear_model();
  const at::Tensor picture = at::full({1, 3, 6, 10}, 0.5);
  ScoreQueries queries(model, Objective::kDown, at::full({1}, 50), 100, [] { return false; });
  const auto unit = [](std::int64_t probe) {
    at::Tensor direction = at::zeros({1, 3, 3, 5});
    direction.flatten()[probe] = 1;
    return direction;
  };
  const at::Tensor gradient = 45 * estimate_gradient(queries, picture, 0.25, 45, unit);
  const at::Tensor wanted = -slope().view({1, 3, 2, 3, 2, 5}).sum({2, 4});
  EXPECT_LT((gradient - wanted).abs().max().item<double>(), 1e-3);
}

TEST(ScoreQueries, RefusesMoreThanItMay) {
  auto model = linear_model();
  ScoreQueries queries(model, Objective::kUp, at::full({1}, 50), 3, [] { return false; });
  const at::Tensor pictures = at::zeros({2, 3, 6, 10});
  static_cast<void>(queries.values(pictures));
  EXPECT_EQ(queries.left(), 1);
  EXPECT_THROW(static_cast<void>(queries.values(pictures)), Error);
  EXPECT_EQ(model.pictures, 2) << "nothing is asked in vain";
}

TEST(ScoreQueries, SpeaksTheNormalisedScale) {
  auto model = linear_model();
  model.set_scale({100, 0});  // a difference score: less is better
  ScoreQueries queries(model, Objective::kMid, at::full({1}, 30), 9, [] { return false; });
  EXPECT_EQ(queries.clean_score(), 70);
  EXPECT_EQ(queries.clean_value(), -70) << "a good picture is moved down";
  EXPECT_EQ(queries.scores(at::zeros({1, 3, 6, 10})).front(), 50);
}

}  // namespace score_gradient_test
}  // namespace robiq
