#include "robiq/metric/worst_case.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "robiq/core/error.h"
#include "robiq/metric/gain_curve.h"
#include "robiq/metric/rank_worst_case.h"
#include "robiq/metric/statistics/correlation.h"
#include "robiq/metric/worst_case_measures.h"
#include "support/test_files.h"

namespace robiq {
namespace worst_case_test {

using Json = nlohmann::json;
using Column = std::vector<double>;

const Json& fixture() {
  static const Json json = test::read_json(test::fixture_path("attacks/standard.json"));
  return json;
}

/// The fixture's scores stand as [picture][budget][member's name].
MemberScores table_of(const Json& part) {
  MemberScores table;
  table.members = fixture().at("constants").at("members").get<std::vector<std::string>>();
  table.budgets = fixture().at("constants").at("budgets_levels").get<Column>();
  table.clean = part.at("clean").get<Column>();
  table.mos = part.at("mos").get<Column>();
  table.scores.resize(table.budgets.size());
  for (std::size_t b = 0; b < table.budgets.size(); ++b) {
    for (const std::string& member : table.members) {
      PictureScores scores;
      for (const Json& picture : part.at("scores"))
        scores.push_back(picture[b].at(member).get<double>());
      table.scores[b].push_back(std::move(scores));
    }
  }
  return table;
}

const std::map<std::string, std::string>& names_of_fixture() {
  static const std::map<std::string, std::string> names = {{"mean_abs_change", "change_mean"},
                                                           {"rmse_before_after", "change_rmse"},
                                                           {"rmse_mos_worst_change", "mos_rmse"},
                                                           {"rmse_mos_worst", "worst_case_rmse"},
                                                           {"srocc_mos", "mos_srocc"},
                                                           {"krocc_mos", "mos_krocc"},
                                                           {"srocc_before_after", "change_srocc"},
                                                           {"r", "change_r"},
                                                           {"srocc_min", "srocc_min"},
                                                           {"srocc_rank", "srocc_rank"}};
  return names;
}

void expect_column(const Column& got, const Json& wanted, double tolerance) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], wanted[i].get<double>(), tolerance) << i;
  }
}

void expect_budget(const MemberScores& table, const WorstCase& worst, const BudgetMeasures& got,
                   const Json& wanted, double tolerance) {
  EXPECT_EQ(got.budget, wanted.at("budget").get<double>());
  expect_column(worst.worst, wanted.at("worst_score"), tolerance);
  expect_column(worst.low, wanted.at("interval_low"), tolerance);
  expect_column(worst.high, wanted.at("interval_high"), tolerance);
  for (std::size_t i = 0; i < worst.winners.size(); ++i) {
    const Candidate& winner = worst.winners[i];
    EXPECT_EQ(table.members.at(static_cast<std::size_t>(winner.member)),
              wanted.at("winner")[i].get<std::string>());
    EXPECT_EQ(table.budgets.at(static_cast<std::size_t>(winner.budget)),
              wanted.at("winner_budget")[i].get<double>());
  }
  for (const auto& [theirs, ours] : names_of_fixture()) {
    EXPECT_NEAR(got.find(ours).value, wanted.at(theirs).get<double>(), tolerance) << theirs;
  }
  EXPECT_NEAR(got.srocc_rank_start, wanted.at("srocc_rank_start").get<double>(), tolerance);
  for (std::size_t m = 0; m < table.members.size(); ++m) {
    const std::string& name = table.members[m];
    EXPECT_NEAR(got.wins[m], wanted.at("share_of_wins").at(name).get<double>(), tolerance) << name;
    EXPECT_NEAR(got.srocc_by_member[m], wanted.at("srocc_by_member").at(name).get<double>(),
                tolerance)
        << name;
  }
}

void expect_report(const Json& part, const Json& wanted, const Json& irs) {
  const double tolerance = fixture().at("tolerance").at("table_measure").get<double>();
  const MemberScores table = table_of(part);
  const WorstCaseReport report = measure_worst_case(table, 0, Rng(0));
  ASSERT_EQ(report.budgets.size(), wanted.size());
  for (std::size_t b = 0; b < wanted.size(); ++b) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, std::to_string(b));
    expect_budget(table, report.cases[b], report.budgets[b], wanted[b], tolerance);
  }
  const IntegralMeasures& got = report.integral;
  EXPECT_NEAR(got.change, irs.at("abs_change").get<double>(), tolerance);
  EXPECT_NEAR(got.change_mean, irs.at("mean_over_budgets_abs_change").get<double>(), tolerance);
  EXPECT_NEAR(got.mos_srocc, irs.at("srocc_mos").get<double>(), tolerance);
  EXPECT_NEAR(got.srocc_rank, irs.at("srocc_rank").get<double>(), tolerance);
  EXPECT_NEAR(got.worst_case_rmse, irs.at("rmse_mos_worst").get<double>(), tolerance);
  EXPECT_NEAR(got.r, irs.at("r_from_first_budget").get<double>(), tolerance);
  EXPECT_EQ(got.budgets, "2, 4, 8, 16 levels");
}

TEST(WorstCase, AgreesWithTheMadeUpTable) {
  const Json& table = fixture().at("table");
  expect_report(table, table.at("measures"), table.at("irs"));
}

TEST(WorstCase, AgreesWithTheMeasuresOfTheModelsScores) {
  expect_report(fixture(), fixture().at("measures"), fixture().at("irs"));
}

/// Two budgets, two members, three pictures.
MemberScores small_table() {
  return {{"a", "b"},
          {2, 4},
          {50, 60, 70},
          {40, 65, 90},
          {{{55, 60, 70}, {45, 60, 61}}, {{52, 60, 75}, {48, 60, 65}}}};
}

TEST(WorstCase, ASmallerBudgetsPictureCountsAtALargerOne) {
  const std::vector<WorstCase> cases = worst_cases(small_table());
  EXPECT_EQ(cases[1].winners[0], (Candidate{0, 0, 55}));  // equal: the earlier member
  EXPECT_EQ(cases[1].winners[2], (Candidate{0, 1, 61}));
  EXPECT_EQ(cases[1].low, (Column{45, 60, 61}));
  EXPECT_EQ(cases[1].high, (Column{55, 60, 75}));
  EXPECT_EQ(cases[1].worst_mos, (Column{55, 60, 61}));
}

TEST(WorstCase, APictureThatNothingMovedIsNobodysWin) {
  const MemberScores table = small_table();
  const WorstCase first = worst_cases(table).front();
  EXPECT_EQ(first.winners[1], (Candidate{Candidate::kClean, Candidate::kClean, 60}));
  EXPECT_EQ(shares_of_wins(table, first), (Column{1.0 / 3, 1.0 / 3}));
}

TEST(WorstCase, WithoutLabelsTheRanksAreComparedWithTheCleanScores) {
  MemberScores table = small_table();
  table.mos.clear();
  const WorstCaseReport report = measure_worst_case(table, 0, Rng(0));
  EXPECT_NO_THROW(static_cast<void>(report.budgets[0].find("srocc_rank")));
  EXPECT_THROW(static_cast<void>(report.budgets[0].find("mos_srocc")), Error);
  EXPECT_TRUE(std::isnan(report.integral.mos_srocc));
  EXPECT_FALSE(std::isnan(report.integral.srocc_rank));
}

TEST(WorstCase, IntervalsHoldTheValue) {
  const MemberScores table = table_of(fixture().at("table"));
  const WorstCaseReport report = measure_worst_case(table, 200, Rng(0));
  for (const BudgetMeasures& budget : report.budgets) {
    for (const Measure& measure : budget.measures) {
      EXPECT_LT(measure.low, measure.value) << measure.name;
      EXPECT_GT(measure.high, measure.value) << measure.name;
    }
  }
}

TEST(WorstCase, RefusesTablesThatDoNotFitTogether) {
  MemberScores table = small_table();
  table.budgets = {4, 2};
  EXPECT_THROW(static_cast<void>(worst_cases(table)), Error);
  table = small_table();
  table.scores[1][0].pop_back();
  EXPECT_THROW(static_cast<void>(worst_cases(table)), Error);
  table = small_table();
  table.scores[1][0][0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(static_cast<void>(worst_cases(table)), Error);
}

TEST(RankWorstCase, FindsTheReversedOrderAndItsScores) {
  const Column mos = {1, 2, 3, 4}, clean = {10, 20, 30, 40}, low = {5, 8, 6, 4},
               high = {90, 80, 31, 41};
  const RankWorstCase found = rank_worst_case(mos, clean, low, high, clean);
  EXPECT_NEAR(found.srocc, -1, 1e-12);
  EXPECT_NEAR(spearman(mos, found.scores), found.srocc, 1e-12);
}

TEST(RankWorstCase, KeepsTheSmallerOfTheSearchAndTheWorstScores) {
  const Column mos = {1, 2, 3}, clean = {3, 2, 1};
  const RankWorstCase found = rank_worst_case(mos, clean, clean, clean, clean);
  EXPECT_NEAR(found.srocc, -1, 1e-12);
  const Column same = {5, 5, 5};
  EXPECT_NEAR(rank_worst_case(mos, same, same, same, clean).srocc, -1, 1e-12);
}

TEST(RankWorstCase, TakesTheStartAloneForVeryLargeSets) {
  Column mos, clean, low, high;
  for (std::int64_t i = 0; i <= kMostRankedPictures; ++i) {
    mos.push_back(static_cast<double>(i));
    clean.push_back(static_cast<double>(i));
    low.push_back(static_cast<double>(i) - 1000);
    high.push_back(static_cast<double>(i) + 500);
  }
  const RankWorstCase found = rank_worst_case(mos, clean, low, high, clean);
  EXPECT_EQ(found.srocc, found.start);
  EXPECT_NE(found.note, "");
}

TEST(IntegralRobustness, IsTheMeanUnderTheTrapezoids) {
  EXPECT_NEAR(integral_robustness(std::vector<BudgetValue>{{0, 0}, {2, 4}, {4, 4}}), 3, 1e-12);
  EXPECT_NEAR(integral_robustness(std::vector<BudgetValue>{{2, 1}, {4, 3}}), 2, 1e-12);
  EXPECT_TRUE(std::isnan(integral_robustness(std::vector<BudgetValue>{{2, 1}})));
  EXPECT_THROW(static_cast<void>(integral_robustness(std::vector<BudgetValue>{{2, 1}, {2, 3}})),
               Error);
}

}  // namespace worst_case_test
}  // namespace robiq
