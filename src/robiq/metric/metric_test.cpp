#include "robiq/metric/metric.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "robiq/core/error.h"
#include "robiq/core/rng.h"
#include "robiq/io/table/csv.h"
#include "support/test_files.h"

namespace robiq {
namespace metric_test {

using Column = std::vector<double>;

MetricValue compute(const std::string& name, const Column& reference, const Column& predicted,
                    const Params& params = {}) {
  return Registry<Metric>::instance().make(name, params)->compute({reference, predicted, {}});
}

/// Within 1e-9 of the expected value, relative and absolute, as metrics.json states.
void expect_close(const std::string& name, const Column& reference, const Column& predicted,
                  double expected, const Params& params = {}) {
  EXPECT_NEAR(compute(name, reference, predicted, params).value, expected,
              1e-9 * (1 + std::abs(expected)))
      << name;
}

// The fixtures give R with nothing added to the change.
const Params kNoOffset = {{"offset", {0.0, "test"}}};
const Params kTauA = {{"variant", {"tau_a", "test"}}};

TEST(Metric, TheFiveOfThePaperAreRegistered) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : Registry<Metric>::instance().entries()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"krocc", "plcc", "r", "rmse", "srocc"}));
}

TEST(Metric, SaysWhichWayIsRobust) {
  for (const auto& [name, entry] : Registry<Metric>::instance().entries()) {
    EXPECT_EQ(entry.make({})->higher_means_more_robust(), name != "rmse") << name;
    EXPECT_EQ(entry.make({})->compares_with_mos(), name != "r") << name;
    EXPECT_EQ(entry.make({})->depends_on_values(), name != "srocc" && name != "krocc") << name;
  }
}

TEST(Metric, DoesNotDependOnTheOrderOfPictures) {
  RandomStream random(Rng(1));
  std::vector<std::pair<double, double>> rows(101);
  for (auto& [x, y] : rows) {
    x = std::floor(random.uniform(0, 50));
    y = x + std::floor(random.uniform(0, 50));
  }
  const auto columns = [&] {
    std::pair<Column, Column> out;
    for (const auto& [x, y] : rows) {
      out.first.push_back(x);
      out.second.push_back(y);
    }
    return out;
  };
  const auto [x, y] = columns();
  random.shuffle(rows);
  const auto [shuffled_x, shuffled_y] = columns();
  for (const auto& [name, entry] : Registry<Metric>::instance().entries()) {
    EXPECT_NEAR(compute(name, x, y).value, compute(name, shuffled_x, shuffled_y).value, 1e-12);
  }
}

TEST(Metric, UndefinedValuesSayWhy) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [name, entry] : Registry<Metric>::instance().entries()) {
    const MetricValue one = compute(name, {1}, {2});
    EXPECT_TRUE(std::isnan(one.value)) << name;
    EXPECT_EQ(one.note, "fewer than two pictures");
    const MetricValue broken = compute(name, {1, 2}, {2, nan});
    EXPECT_TRUE(std::isnan(broken.value)) << name;
    EXPECT_EQ(broken.note, "a score is not finite");
  }
  for (const char* const name : {"srocc", "krocc", "plcc"}) {
    const MetricValue constant = compute(name, {1, 2, 3}, {5, 5, 5});
    EXPECT_TRUE(std::isnan(constant.value)) << name;
    EXPECT_EQ(constant.note, "all scores of a column are equal");
  }
  const MetricValue large = compute("rmse", {1e308, 1}, {-1e308, 1});
  EXPECT_TRUE(std::isnan(large.value));
  EXPECT_EQ(large.note, "the scores are too large to compute with");
}

TEST(Metric, ColumnsOfDifferentLengthAreABug) {
  try {
    (void)compute("rmse", {1, 2}, {1});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInternal);
    EXPECT_EQ(error.text().what, "columns of 2 and 1 scores were to be compared");
  }
}

TEST(Metric, UnknownNamesAndVariantsAreRefused) {
  EXPECT_THROW((void)compute("sroc", {1, 2}, {1, 2}), Error);
  EXPECT_THROW((void)compute("krocc", {1, 2}, {1, 2}, {{"variant", {"tau_c", "test"}}}), Error);
}

TEST(Metric, KnownValuesWithTies) {
  const Column x{1, 2, 2, 3, 4, 4, 4, 5, 6, 7}, y{1, 3, 2, 2, 5, 4, 4, 6, 6, 8};
  expect_close("rmse", x, y, 0.7071067811865476);
  expect_close("srocc", x, y, 0.9596458403436596);
  expect_close("krocc", x, y, 0.8916309815169777);
  expect_close("krocc", x, y, 0.8222222222222222, kTauA);
  expect_close("plcc", x, y, 0.9560277007607447);
}

TEST(Metric, RmseOfEqualAndOfHugeScores) {
  EXPECT_EQ(compute("rmse", {1, 2}, {1, 2}).value, 0.0);
  EXPECT_DOUBLE_EQ(compute("rmse", {0, 0}, {3e200, 4e200}).value, 5e200 / std::sqrt(2.0));
}

TEST(RobustnessR, TakesTheLogarithmOfPossibleOverAchievedChange) {
  // 80 could lose 80 and loses 8; 30 could gain 70 and gains 0.7: (1 + 2) / 2.
  const MetricValue r = compute("r", {80, 30}, {72, 30.7});
  EXPECT_NEAR(r.value, 1.5, 1e-6);
  EXPECT_EQ(r.note, "");
}

TEST(RobustnessR, CountsPicturesThatDidNotMove) {
  const MetricValue one = compute("r", {100, 50}, {100, 0});
  EXPECT_NEAR(one.value, (8 + std::log10(50 / 50.000001)) / 2, 1e-12);
  EXPECT_EQ(one.note, "1 picture moved by less than 1e-6");
  EXPECT_EQ(compute("r", {1, 2, 3}, {1, 2.0000005, 9}).note, "2 pictures moved by less than 1e-6");
}

TEST(RobustnessR, IsInfiniteWithoutAnOffsetWhenAPictureDidNotMove) {
  const MetricValue r = compute("r", {100, 50}, {100, 0}, kNoOffset);
  EXPECT_TRUE(std::isnan(r.value));
  EXPECT_EQ(r.note, "1 picture moved by less than 1e-6: R is infinite");
  EXPECT_THROW((void)compute("r", {1, 2}, {1, 2}, {{"offset", {-1.0, "test"}}}), Error);
}

TEST(RobustnessR, FollowsTheEndsOfTheScaleInEitherDirection) {
  const Column before{0.2, 0.9}, after{0.3, 0.4};
  const auto metric = Registry<Metric>::instance().make("r", Params{});
  const double up = metric->compute({before, after, {0, 1}}).value;
  EXPECT_NEAR(up, (std::log10(0.8 / 0.1) + std::log10(0.9 / 0.5)) / 2, 1e-5);
  EXPECT_EQ(metric->compute({before, after, {1, 0}}).value, up);
  EXPECT_GT(metric->compute({before, after, {0, 100}}).value, up + 1);
}

/// metrics.json of the shared fixtures: it holds real scores, so it is no fixture of ours.
class SharedScores : public testing::Test {
 protected:
  void SetUp() override {
    const auto file = test::shared_path("fixtures/attacks/metrics.json");
    if (file.empty()) GTEST_SKIP() << "no shared/fixtures/attacks/metrics.json";
    fixture_ = test::read_json(file);
  }

  static void expect_block(const nlohmann::json& block, const Column& x, const Column& y) {
    expect_close("rmse", x, y, block.at("RMSE"));
    expect_close("srocc", x, y, block.at("SROCC"));
    expect_close("krocc", x, y, block.at("KROCC_tau_b"));
    expect_close("krocc", x, y, block.at("KROCC_tau_a"), kTauA);
    expect_close("plcc", x, y, block.at("PLCC"));
  }

  nlohmann::json fixture_;
};

TEST_F(SharedScores, LiveChallenge) {
  const auto& clive = fixture_.at("clive");
  const Column mos = clive.at("mos"), before = clive.at("before"), after = clive.at("after");
  ASSERT_EQ(mos.size(), 1162U);
  expect_block(clive.at("mos_vs_before"), mos, before);
  expect_block(clive.at("mos_vs_after"), mos, after);
  expect_block(clive.at("before_vs_after"), before, after);
  expect_close("r", before, after, clive.at("R_log10_eps1e6"));
  expect_close("r", before, after, clive.at("R_log10"), kNoOffset);
}

TEST_F(SharedScores, TiesAndConstants) {
  const auto& ties = fixture_.at("ties");
  expect_block(ties, ties.at("x"), ties.at("y"));
  const auto& degenerate = fixture_.at("degenerate");
  for (const char* const name : {"srocc", "krocc", "plcc"}) {
    EXPECT_TRUE(std::isnan(compute(name, degenerate.at("x"), degenerate.at("y")).value)) << name;
  }
}

TEST_F(SharedScores, ManiqaUnderFiveAttacks) {
  ASSERT_EQ(fixture_.at("msu").size(), 5U);
  for (const auto& entry : fixture_.at("msu")) {
    Column before = entry.at("clear"), after = entry.at("attacked");
    for (double& score : before) score *= 100;
    for (double& score : after) score *= 100;
    const auto& expected = entry.at("first_n");
    expect_close("r", before, after, expected.at("paper_R_log10_beta_100_0_scores_x100"),
                 kNoOffset);
    expect_close("rmse", before, after, expected.at("before_vs_after_RMSE"));
    expect_close("srocc", before, after, expected.at("before_vs_after_SROCC"));
    expect_close("krocc", before, after, expected.at("before_vs_after_KROCC_tau_b"));
    expect_close("krocc", before, after, expected.at("before_vs_after_KROCC_tau_a"), kTauA);
    expect_close("plcc", before, after, expected.at("before_vs_after_PLCC"));
  }
}

TEST_F(SharedScores, DefenseTableSroccs) {
  const auto& defense = fixture_.at("defense_scores");
  const auto column = [&](const char* name) {
    return defense.at("columns").at(name).get<Column>();
  };
  const auto& scores = defense.at("scores");
  expect_close("srocc", column("mos"), column("clear"), scores.at("clear_srocc_mos"));
  expect_close("srocc", column("mos"), column("attacked"), scores.at("attacked_srocc_mos"));
  expect_close("srocc", column("mos"), column("defended-attacked"),
               scores.at("robust_attacked_srocc_mos"));
}

TEST(SharedTables, LinearityiqaOnLiveChallengeAsItsAuthorsPrint) {
  const auto file = test::shared_path("data/scores/livec_linearityiqa.csv");
  if (file.empty()) GTEST_SKIP() << "no shared/data/scores";
  const CsvTable table = read_csv(file);
  const auto expected =
      test::read_json(test::shared_path("data/scores/livec_linearityiqa.expected.json"));
  const Column mos = table.numbers("mos"), score = table.numbers("score");
  ASSERT_EQ(mos.size(), expected.at("n").get<std::size_t>());
  expect_close("srocc", mos, score, expected.at("authors").at("SROCC"));
  expect_close("plcc", mos, score, expected.at("authors").at("PLCC"));
  expect_close("rmse", mos, score, expected.at("authors").at("RMSE"));
  expect_close("krocc", mos, score, expected.at("scipy").at("KROCC_tau_b"));
}

TEST(SharedTables, ManiqaUnderIfgsmOnAThousandPictures) {
  const auto file = test::shared_path("data/scores/maniqa_ifgsm.csv");
  const auto fixture = test::shared_path("fixtures/attacks/metrics.json");
  if (file.empty() || fixture.empty()) GTEST_SKIP() << "no shared/data/scores";
  const CsvTable table = read_csv(file);
  const auto expected = test::read_json(fixture).at("msu").at(0).at("full_csv");
  Column before = table.numbers("before"), after = table.numbers("after");
  ASSERT_EQ(before.size(), expected.at("n").get<std::size_t>());
  for (double& score : before) score *= 100;
  for (double& score : after) score *= 100;
  expect_close("r", before, after, expected.at("paper_R_log10_beta_100_0_scores_x100"), kNoOffset);
  expect_close("rmse", before, after, expected.at("before_vs_after_RMSE"));
  expect_close("srocc", before, after, expected.at("before_vs_after_SROCC"));
  expect_close("krocc", before, after, expected.at("before_vs_after_KROCC_tau_b"));
  expect_close("plcc", before, after, expected.at("before_vs_after_PLCC"));
}

}  // namespace metric_test
}  // namespace robiq
