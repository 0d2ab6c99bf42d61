#include "robiq/attack/rank/rank_targets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "robiq/core/error.h"
#include "robiq/metric/statistics/correlation.h"
#include "support/det.h"
#include "support/test_files.h"

namespace robiq {
namespace rank_targets_test {

using Column = std::vector<double>;
using Json = nlohmann::json;

Column start_noise(std::size_t n) {
  Column noise;
  for (const std::uint64_t hash : det::hashes("sma.noise", n)) {
    noise.push_back(hash % 2 == 0 ? -0.01 : 0);
  }
  return noise;
}

Column original_scores(std::size_t n) {
  Column scores = det::uniform("sma.ori", n);
  for (double& score : scores) score = 5 + 90 * score;
  return scores;
}

bool never() { return false; }

TEST(RankObjective, AgreesWithTheAuthorsCode) {
  const Json fixture = test::read_json(test::fixture_path("attacks/sma.json"));
  const Json& stage = fixture.at("stage1");
  const auto n = stage.at("original").at("n").get<std::size_t>();
  const Column original = original_scores(n);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(original[i], stage.at("original_first4")[i].get<double>(), 1e-9);
  }
  for (const Json& c : stage.at("objective")) {
    Column point = start_noise(n);
    if (!c.at("point_name").is_null()) {
      point = det::uniform(c.at("point_name").get<std::string>(), n);
      for (double& value : point) value = 20 * (value - 0.5);
    }
    for (std::size_t i = 0; i < n; ++i) point[i] += original[i];
    const RankObjective found = rank_objective(original, point);
    EXPECT_NEAR(found.soft_srocc, c.at("soft_srocc").get<double>(), 1e-9);
    EXPECT_NEAR(found.variance_term, c.at("term_var").get<double>(), 1e-9);
    EXPECT_NEAR(found.distance_term, c.at("term_mse").get<double>(), 1e-9);
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_NEAR(found.gradient[i], c.at("grad")[i].get<double>(), 1e-9);
    }
  }
}

TEST(LearnedTargets, AreThoseOfTheAuthorsCodeAfterAnyNumberOfIterations) {
  const Json fixture = test::read_json(test::fixture_path("attacks/sma.json"));
  const auto n = fixture.at("stage1").at("original").at("n").get<std::size_t>();
  const double tolerance = fixture.at("tolerance").at("target_score").get<double>();
  const Column original = original_scores(n), noise = start_noise(n);
  for (const Json& run : fixture.at("stage1").at("runs")) {
    RankTargetSearch search;
    search.iterations = run.at("epochs").get<std::int64_t>();
    search.patience = 0;
    const Column targets = learned_targets(original, noise, search, never);
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_NEAR(targets[i], run.at("target_scores")[i].get<double>(), tolerance)
          << search.iterations << " iterations, picture " << i;
    }
    EXPECT_NEAR(spearman(targets, original), run.at("srocc_targets_original").get<double>(), 1e-9);
  }
}

TEST(LearnedTargets, OfThePublishedScoresSplitThemInTwo) {
  const Json fixture = test::read_json(test::fixture_path("attacks/sma.json"));
  const Json& published = fixture.at("published_scores");
  const auto scores = published.at("scores").get<Column>();
  const Column targets = learned_targets(scores, start_noise(scores.size()), {}, never);
  double up = 0, between = 0, highest_up = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets[i] > 99) {
      ++up;
      highest_up = std::max(highest_up, scores[i]);
    } else if (targets[i] > 1) {
      ++between;
    }
  }
  const Json& wanted = published.at("reference");
  const Json& tolerance = published.at("tolerance");
  EXPECT_NEAR(up, wanted.at("targets_at_100").get<double>(), tolerance.at("counts").get<double>());
  EXPECT_LE(between, tolerance.at("counts").get<double>());
  EXPECT_NEAR(highest_up, wanted.at("largest_score_sent_up").get<double>(),
              tolerance.at("threshold").get<double>());
  EXPECT_NEAR(spearman(targets, scores), wanted.at("srocc_targets_scores").get<double>(),
              tolerance.at("srocc").get<double>());
}

TEST(LearnedTargets, StopWhenAsked) {
  const Column original = original_scores(20);
  EXPECT_THROW(
      static_cast<void>(learned_targets(original, start_noise(20), {}, [] { return true; })),
      Interrupted);
  EXPECT_THROW(static_cast<void>(learned_targets(Column{1}, Column{0}, {}, never)), Error);
}

TEST(ThresholdTargets, TurnTheOrderRoundAtTheMedian) {
  EXPECT_EQ(threshold_targets(Column{10, 40, 20, 30}), (Column{100, 0, 100, 0}));
  EXPECT_EQ(threshold_targets(Column{10, 20, 30}), (Column{100, 100, 0}));
  const Column original = original_scores(20);
  EXPECT_NEAR(spearman(threshold_targets(original), original),
              -std::sqrt(3.0 * 10 * 10 / (20 * 20 - 1)), 1e-12);
}

}  // namespace rank_targets_test
}  // namespace robiq
