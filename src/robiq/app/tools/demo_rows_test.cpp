#include "robiq/app/tools/demo_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace robiq {
namespace demo_rows_test {

EvaluationRow row(const std::string& title, Block block, double srocc) {
  EvaluationRow row;
  row.attack = "fgsm";
  row.attack_title = title;
  row.block = block;
  row.measures = {{.name = "srocc", .value = srocc}, {.name = "mse", .value = 1}};
  return row;
}

TEST(DemoRows, PairWhatIsOfOneTitleAndBlock) {
  const auto base = measures_of({row("fgsm epsilon=0.01", Block::kMosAfter, 0.1),
                                 row("fgsm epsilon=0.02", Block::kMosAfter, 0.2),
                                 row("fgsm epsilon=0.02", Block::kBeforeAfter, 0.3)});
  const auto nt = measures_of({row("fgsm epsilon=0.02", Block::kBeforeAfter, 0.6),
                               row("fgsm epsilon=0.02", Block::kMosAfter, 0.5)});
  const std::vector<DemoRow> rows = side_by_side(base, nt);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].attack, "fgsm epsilon=0.02");
  EXPECT_EQ(rows[0].between, "MOS and score after");
  EXPECT_EQ(rows[0].measure, "srocc");
  EXPECT_EQ(rows[0].base, 0.2);
  EXPECT_EQ(rows[0].nt, 0.5);
  EXPECT_EQ(rows[1].between, "score before and after");
  EXPECT_EQ(rows[1].nt, 0.6);
}

TEST(DemoRows, WhatIsNoNumberStaysNone) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto told =
      nlohmann::ordered_json::parse(measures_of({row("fgsm", Block::kMosBefore, nan)}).dump());
  const std::vector<DemoRow> rows = side_by_side(told, told);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].attack, "none (clean)");
  EXPECT_TRUE(std::isnan(rows[0].base) && std::isnan(rows[0].nt));
}

}  // namespace demo_rows_test
}  // namespace robiq
