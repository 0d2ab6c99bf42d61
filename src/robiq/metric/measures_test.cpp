#include "robiq/metric/measures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "robiq/core/error.h"
#include "robiq/core/rng.h"
#include "robiq/metric/statistics/correlation.h"

namespace robiq {
namespace measures_test {

using Column = std::vector<double>;

/// Scores that follow MOS along a steep curve, with noise.
struct Curved {
  Column mos, score;
  Curved() {
    RandomStream random(Rng(1));
    for (int i = 0; i < 200; ++i) {
      const double x = random.uniform(0, 1);
      score.push_back(x);
      mos.push_back(100 / (1 + std::exp(-12 * (x - 0.5))) + 3 * random.normal());
    }
  }
  [[nodiscard]] ScoreColumns columns() const { return {mos, score, {0, 100}}; }
};

const Measure& find(const std::vector<Measure>& measures, const std::string& name) {
  for (const Measure& measure : measures) {
    if (measure.name == name) return measure;
  }
  throw std::runtime_error("no measure " + name);
}

TEST(Measures, EveryBlockHasItsMeasuresInThePapersOrder) {
  const Curved data;
  const auto names = [&](Block block) {
    std::string out;
    for (const Measure& measure : compute_measures(block, data.columns(), {.resamples = 0})) {
      out += measure.name + " ";
    }
    return out;
  };
  EXPECT_EQ(names(Block::kMosBefore), "rmse srocc krocc plcc ");
  EXPECT_EQ(names(Block::kMosAfter), "rmse srocc krocc plcc ");
  EXPECT_EQ(names(Block::kBeforeAfter), "rmse srocc krocc plcc r ");
  EXPECT_EQ(block_name(Block::kMosBefore), "mos_before");
  EXPECT_EQ(block_name(Block::kMosAfter), "mos_after");
  EXPECT_EQ(block_name(Block::kBeforeAfter), "before_after");
}

TEST(Measures, IntervalsAreThereWhenAskedFor) {
  const Curved data;
  for (const Measure& m : compute_measures(Block::kMosBefore, data.columns(), {.resamples = 0})) {
    EXPECT_TRUE(std::isnan(m.low) && std::isnan(m.high)) << m.name;
    EXPECT_EQ(m.note, "");
  }
  for (const Measure& m : compute_measures(Block::kMosBefore, data.columns(), {.resamples = 200})) {
    EXPECT_LT(m.low, m.value) << m.name;
    EXPECT_GT(m.high, m.value) << m.name;
  }
}

TEST(Measures, MappingChangesValuesButNoRanks) {
  const Curved data;
  MeasureOptions options{.resamples = 100};
  const auto raw = compute_measures(Block::kMosBefore, data.columns(), options);
  for (const LogisticForm form : {LogisticForm::kFour, LogisticForm::kFive}) {
    options.mapping = form;
    const auto mapped = compute_measures(Block::kMosBefore, data.columns(), options);
    EXPECT_EQ(find(mapped, "srocc").value, find(raw, "srocc").value);
    EXPECT_EQ(find(mapped, "krocc").value, find(raw, "krocc").value);
    EXPECT_EQ(find(mapped, "srocc").note, "");
    EXPECT_GT(find(mapped, "plcc").value, find(raw, "plcc").value + 0.01);
    EXPECT_LT(find(mapped, "rmse").value, 3.5);
    EXPECT_GT(find(raw, "rmse").value, 30);
    EXPECT_EQ(find(mapped, "plcc").note, "after " + std::string(logistic_name(form)));
    EXPECT_LT(find(mapped, "plcc").low, find(mapped, "plcc").value);
  }
}

TEST(Measures, MappingLeavesBeforeAndAfterAlone) {
  const Curved data;
  const MeasureOptions options{.mapping = LogisticForm::kFive, .resamples = 0};
  for (const Measure& m : compute_measures(Block::kBeforeAfter, data.columns(), options)) {
    EXPECT_EQ(m.note, "");
  }
}

TEST(Measures, AMappingThatCannotBeFittedIsNoValue) {
  const Column mos{1, 2, 3}, score{2, 3, 5};
  const auto measures = compute_measures(Block::kMosBefore, {mos, score, {}},
                                         {.mapping = LogisticForm::kFour, .resamples = 0});
  EXPECT_TRUE(std::isnan(find(measures, "plcc").value));
  EXPECT_EQ(find(measures, "plcc").note, "too few pictures to fit logistic4");
  EXPECT_EQ(find(measures, "srocc").value, 1.0);
}

TEST(Measures, OptionsReachTheirMeasure) {
  const Column x{1, 2, 2, 3}, y{1, 2, 3, 4};
  MeasureOptions options{.resamples = 0};
  options.params["krocc"]["variant"] = {"tau_a", "test"};
  EXPECT_DOUBLE_EQ(find(compute_measures(Block::kMosBefore, {x, y, {}}, options), "krocc").value,
                   kendall_tau_a(x, y));
  options.params["kroc"]["variant"] = {"tau_a", "test"};
  EXPECT_THROW((void)compute_measures(Block::kMosBefore, {x, y, {}}, options), Error);
}

TEST(Measures, SameSeedSameIntervalsWhateverElseIsAsked) {
  const Curved data;
  const auto both =
      compute_measures(Block::kMosBefore, data.columns(), {.resamples = 100, .seed = 4});
  const auto again =
      compute_measures(Block::kMosBefore, data.columns(), {.resamples = 100, .seed = 4});
  const auto other =
      compute_measures(Block::kMosBefore, data.columns(), {.resamples = 100, .seed = 5});
  EXPECT_EQ(find(both, "plcc").low, find(again, "plcc").low);
  EXPECT_NE(find(both, "plcc").low, find(other, "plcc").low);
}

TEST(Measures, UndefinedValuesHaveNoInterval) {
  const Column x{1, 2, 3}, constant{5, 5, 5};
  for (const Measure& m :
       compute_measures(Block::kMosAfter, {x, constant, {}}, {.resamples = 50})) {
    if (m.name == "rmse") continue;
    EXPECT_TRUE(std::isnan(m.value) && std::isnan(m.low) && std::isnan(m.high)) << m.name;
    EXPECT_EQ(m.note, "all scores of a column are equal");
  }
}

TEST(Measures, ColumnsOfDifferentLengthAreABug) {
  const Column x{1, 2, 3}, y{1, 2};
  EXPECT_THROW(
      (void)compute_measures(Block::kMosAfter, {x, y, {}}, {.mapping = LogisticForm::kFour}),
      Error);
}

}  // namespace measures_test
}  // namespace robiq
