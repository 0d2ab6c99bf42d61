#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "robiq/io/table/csv.h"
#include "robiq/metric/defense_measures.h"
#include "robiq/metric/statistics/correlation.h"
#include "support/errors.h"
#include "support/test_files.h"

namespace robiq {
namespace msu_scores_test {

using Column = std::vector<double>;

TEST(StudentT, QuantilesOfTheTables) {
  EXPECT_NEAR(student_t_quantile(0.975, 1), 12.706204736432095, 1e-9);
  EXPECT_NEAR(student_t_quantile(0.975, 10), 2.22813885198627, 1e-12);
  EXPECT_NEAR(student_t_quantile(0.025, 10), -2.22813885198627, 1e-12);
  EXPECT_NEAR(student_t_quantile(0.975, 999), 1.9623414611334487, 1e-9);
  EXPECT_NEAR(student_t_quantile(0.975, 1e7), 1.959964, 1e-5);
  EXPECT_NEAR(student_t_quantile(0.5, 3), 0, 1e-12);
}

TEST(MsuScores, ByHand) {
  const MsuScores scores = msu_scores(Column{0, 10}, Column{5, 15});
  EXPECT_DOUBLE_EQ(scores.absolute_gain.mean, 0.5);
  EXPECT_DOUBLE_EQ(scores.absolute_gain.low, 0.5);
  EXPECT_DOUBLE_EQ(scores.relative_gain.mean, (0.5 / 1 + 0.5 / 2) / 2);
  EXPECT_NEAR(scores.robustness.mean, std::log10(1 / 0.500001), 1e-12);
  EXPECT_DOUBLE_EQ(scores.wasserstein, 0.5);
  EXPECT_DOUBLE_EQ(msu_scores(Column{5, 15}, Column{0, 10}).wasserstein, -0.5);
}

TEST(MsuScores, AreUndefinedWhereTheyCannotBe) {
  EXPECT_TRUE(std::isnan(msu_scores(Column{3, 3}, Column{4, 5}).absolute_gain.mean));
  const Column same(40, 3.0);
  Column moved = same;
  for (std::size_t i = 0; i < moved.size(); i += 2) moved[i] += static_cast<double>(i);
  EXPECT_TRUE(std::isnan(msu_scores(same, moved).wasserstein));
  EXPECT_TRUE(std::isnan(msu_scores(same, moved).energy));
  EXPECT_TRUE(std::isnan(msu_scores(Column{3}, Column{4}).absolute_gain.low));
  expect_error(ErrorKind::kInternal, {"columns of 2 and 1 rows", "msu_scores", "equal length"}, [] {
    static_cast<void>(msu_scores(Column{1, 2}, Column{1}));
  });
}

void expect_interval(const MeanInterval& got, const nlohmann::json& wanted) {
  constexpr double kNear = 1e-9;
  EXPECT_NEAR(got.mean, wanted.at("mean").get<double>(), kNear);
  EXPECT_NEAR(got.low, wanted.at("ci95").at(0).get<double>(), kNear);
  EXPECT_NEAR(got.high, wanted.at("ci95").at(1).get<double>(), kNear);
}

void expect_scores(const MsuScores& got, const nlohmann::json& wanted) {
  expect_interval(got.absolute_gain, wanted.at("normalized_absolute_gain"));
  expect_interval(got.relative_gain, wanted.at("normalized_relative_gain"));
  expect_interval(got.robustness, wanted.at("robustness_score"));
  EXPECT_NEAR(got.classic_relative_gain, wanted.at("relative_gain_classic").get<double>(), 1e-9);
  EXPECT_NEAR(got.wasserstein, wanted.at("wasserstein_score").get<double>(), 1e-9);
  EXPECT_NEAR(got.energy, wanted.at("energy_distance_score").get<double>(), 1e-9);
}

TEST(MsuScores, AgreeWithTheBenchmarksOwnCode) {
  const auto file = test::shared_path("fixtures/attacks/metrics.json");
  if (file.empty()) GTEST_SKIP() << "no shared/fixtures";
  const nlohmann::json fixture = test::read_json(file).at("msu");
  ASSERT_EQ(fixture.size(), 5U);
  for (const auto& entry : fixture) {
    SCOPED_TRACE(entry.at("csv").get<std::string>());
    const Column clean = entry.at("clear"), attacked = entry.at("attacked");
    expect_scores(msu_scores(clean, attacked), entry.at("first_n"));
  }
}

TEST(MsuScores, AgreeOnAThousandPictures) {
  const auto file = test::shared_path("data/scores/maniqa_ifgsm.csv");
  const auto fixture = test::shared_path("fixtures/attacks/metrics.json");
  if (file.empty() || fixture.empty()) GTEST_SKIP() << "no shared/data/scores";
  const CsvTable table = read_csv(file);
  expect_scores(msu_scores(table.numbers("before"), table.numbers("after")),
                test::read_json(fixture).at("msu").at(0).at("full_csv"));
}

}  // namespace msu_scores_test
}  // namespace robiq
