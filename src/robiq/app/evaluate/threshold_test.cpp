#include "robiq/app/evaluate/threshold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "support/errors.h"

namespace robiq {
namespace threshold_test {

Threshold parse(const std::string& text) { return parse_thresholds({text}).front(); }

void expect_refused(const std::string& text, const std::string& what, const std::string& hint) {
  SCOPED_TRACE(text);
  expect_error(ErrorKind::kUsage, {what, "--fail-if", hint}, [&] { (void)parse(text); });
}

TEST(Threshold, IsRead) {
  const Threshold t = parse("before_after.r(fgsm:epsilon=0.01)@gradient-norm <= 1.5");
  EXPECT_EQ(t.block, Block::kBeforeAfter);
  EXPECT_EQ(t.measure, "r");
  EXPECT_EQ(t.attack.name, "fgsm");
  EXPECT_EQ(t.only, "gradient-norm");
  EXPECT_TRUE(t.crossed_by(1.5));
  EXPECT_FALSE(t.crossed_by(1.6));
  EXPECT_TRUE(parse(" mos_before.srocc() <0.8 ").crossed_by(0.7));
  EXPECT_FALSE(parse("mos_before.srocc() < 0.8").crossed_by(0.8));
  EXPECT_TRUE(parse("mos_after.rmse(fgsm)>5").crossed_by(6));
  EXPECT_TRUE(parse("mos_after.rmse(fgsm) >= 5").crossed_by(5));
  EXPECT_EQ(parse("before_after.r(fgsm)@gradient-norm:weight=1e-05 < 1").only,
            "gradient-norm:weight=1e-05");
}

TEST(Threshold, NonsenseIsRefused) {
  const std::string form = "write BLOCK.MEASURE(ATTACK) OP NUMBER";
  expect_refused("", "'' is not a threshold", form);
  expect_refused("r(fgsm) < 1", "'r(fgsm) < 1' is not a threshold", form);
  expect_refused("before_after.r(fgsm) < low", "is not a threshold", form);
  expect_refused("before_after.r(fgsm) < nan", "is not a threshold", form);
  expect_refused("before_after.r(fgsm) > inf", "is not a threshold", form);
  expect_refused("before_after.r(fgsm) == 1", "is not a threshold", form);
  expect_refused("before_afte.r(fgsm) < 1", "names no block 'before_afte'",
                 "did you mean 'before_after'?");
  expect_refused("before_after.sroc(fgsm) < 1", "has no measure 'sroc'", "did you mean 'srocc'?");
  expect_refused("mos_after.r(fgsm) < 1", "the block mos_after has no measure 'r'", "known: ");
  expect_refused("before_after.r(fgms) < 1", "no attack is called 'fgms'", "did you mean 'fgsm'?");
  expect_refused("before_after.r(fgsm:epsilo=1) < 1", "unknown option 'epsilo'",
                 "did you mean 'epsilon'?");
  expect_refused("before_after.r() < 1", "names no attack, and before_after is measured under",
                 "write mos_before.srocc() < 0.8");
  expect_refused("mos_before.srocc(fgsm) < 1", "names an attack, and mos_before is measured on",
                 "write mos_before.srocc() < 0.8");
}

TEST(Threshold, WhatWillNotBeMeasuredIsRefusedBefore) {
  const JudgedWork work{{"fgsm:epsilon=.005", "ifgsm"}, {"cnniqa", "none"}};
  const auto check = [&](const std::string& text) { check_thresholds({parse(text)}, work); };
  check("before_after.r(fgsm) < 1");
  check("before_after.r(fgsm:epsilon=0.005) < 1");
  check("before_after.r(ifgsm)@none < 1");
  check("mos_before.srocc()@cnniqa < 1");
  expect_error(ErrorKind::kUsage,
               {"names an attack that will not be made", "--fail-if", "known: fgsm:epsilon=.005"},
               [&] { check("before_after.r(fgsm:epsilon=0.01) < 1"); });
  expect_error(ErrorKind::kUsage, {"names an attack that will not be made", "--fail-if", "known: "},
               [&] { check("before_after.r(perceptual) < 1"); });
  expect_error(ErrorKind::kUsage,
               {"names no model or defense of this work", "--fail-if", "did you mean 'cnniqa'?"},
               [&] { check("before_after.r(fgsm)@cniqa < 1"); });
}

MeasuredRow row_of(const char* attack, const char* options, Block block,
                   const std::vector<RowMeasure>& measures) {
  MeasuredRow row;
  row.attack = attack;
  row.options = options;
  row.block = block;
  row.measures = measures;
  return row;
}

std::vector<std::string> crossings(const std::vector<std::string>& texts) {
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  const std::vector<MeasuredRow> measured = {
      row_of("none", "", Block::kMosBefore, {{"srocc", 0.9}}),
      row_of("fgsm", "epsilon=0.005,loss=mid", Block::kBeforeAfter,
             {{"r", 0.5}, {"plcc", kUndefined, "all scores are equal"}}),
      row_of("fgsm", "epsilon=0.01,loss=mid", Block::kBeforeAfter, {{"r", 0.25}}),
      row_of("fgsm", "epsilon=0.01,loss=mid", Block::kMosAfter, {{"r", 0.1}}),
      row_of("standard", "budget=2/255", Block::kBeforeAfter, {{"r", 0.4}}),
      row_of("standard", "budget=4/255", Block::kBeforeAfter, {{"r", 0.1}})};
  std::vector<JudgedRow> rows;
  for (const MeasuredRow& row : measured) {
    rows.push_back({&row, "cnniqa none", {"cnniqa", "none"}});
  }
  try {
    judge(parse_thresholds(texts), rows);
  } catch (const ThresholdCrossed& crossed) {
    return crossed.lines();
  }
  return {};
}

TEST(Threshold, EveryCrossingIsALine) {
  EXPECT_THAT(crossings({"before_after.r(fgsm) < 0.2", "mos_before.srocc() < 0.8"}),
              testing::IsEmpty());
  EXPECT_THAT(crossings({"before_after.r(fgsm) < 0.3"}),
              testing::ElementsAre("crossed: before_after.r(fgsm) < 0.3: 0.25, "
                                   "cnniqa none, epsilon=0.01,loss=mid"));
  EXPECT_EQ(crossings({"before_after.r(fgsm) < 1", "mos_before.srocc() > 0.8"}).size(), 3U);
  EXPECT_THAT(crossings({"before_after.r(fgsm:epsilon=0.010) < 1"}).size(), 1U);
}

TEST(Threshold, OfASetMayNameItsBudgets) {
  const JudgedWork work{{"standard:budget=2/255+4/255"}, {"cnniqa", "none"}};
  check_thresholds({parse("before_after.r(standard:budget=4/255) < 0.2")}, work);
  expect_error(
      ErrorKind::kUsage, {"names an attack that will not be made", "--fail-if", "known: "},
      [&] { check_thresholds({parse("before_after.r(standard:budget=8/255) < 0.2")}, work); });
  expect_error(
      ErrorKind::kUsage, {"names an attack that will not be made", "--fail-if", "known: "}, [&] {
        check_thresholds({parse("before_after.r(standard:budget=4/255+8/255) < 0.2")}, work);
      });
  // A decimal means the levels by which rows are stored.
  EXPECT_EQ(crossings({"before_after.r(standard:budget=0.0156862745098) < 0.01"}).size(), 0U);
  EXPECT_EQ(crossings({"before_after.r(standard:budget=0.0156862745098) < 0.2"}).size(), 1U);
  EXPECT_THAT(crossings({"before_after.r(standard:budget=4/255) < 0.2"}),
              testing::ElementsAre("crossed: before_after.r(standard:budget=4/255) < 0.2: 0.1, "
                                   "cnniqa none, budget=4/255"));
  EXPECT_EQ(crossings({"before_after.r(standard:budget=2/255) < 0.2"}).size(), 0U);
  EXPECT_EQ(crossings({"before_after.r(standard:budget=2/255+4/255) < 0.5"}).size(), 2U);
}

TEST(Threshold, WhatIsUndefinedCountsAsCrossed) {
  EXPECT_THAT(crossings({"before_after.plcc(fgsm:epsilon=0.005) < 0"}),
              testing::ElementsAre("crossed: before_after.plcc(fgsm:epsilon=0.005) < 0: undefined "
                                   "(all scores are equal), cnniqa none, epsilon=0.005,loss=mid"));
  EXPECT_THAT(crossings({"before_after.r(ifgsm) < 0"}),
              testing::ElementsAre("crossed: before_after.r(ifgsm) < 0: "
                                   "undefined (nothing was measured)"));
  EXPECT_THAT(crossings({"before_after.r(fgsm)@given < 0"}).size(), 1U);
}

}  // namespace threshold_test
}  // namespace robiq
