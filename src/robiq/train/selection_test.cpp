#include <gtest/gtest.h>

#include <cmath>

#include "robiq/train/trainer.h"

namespace robiq {
namespace selection_test {

const std::map<std::string, double> kMeasures = {{"srocc", -0.5}, {"plcc", 0.25}};

TEST(Selection, AddsMeasuresAndTakesMagnitudes) {
  EXPECT_EQ(selection_value("srocc", kMeasures), -0.5);
  EXPECT_EQ(selection_value("abs-srocc", kMeasures), 0.5);
  EXPECT_EQ(selection_value("srocc+plcc", kMeasures), -0.25);
  EXPECT_TRUE(std::isnan(selection_value("srocc+rmse", kMeasures)));
}

/// A state whose history has these values of srocc, and the epochs that were best when they came.
std::vector<std::int64_t> best_of(const std::vector<double>& values, const std::string& select_by) {
  RunState state;
  std::vector<std::int64_t> best;
  for (const double value : values) {
    EpochReport report;
    report.epoch = std::ssize(state.history) + 1;
    report.validation["rmse"] = 1;
    if (!std::isnan(value)) report.validation["srocc"] = value;
    state.history.push_back(report);
    const bool better = note_best(state, select_by);
    EXPECT_EQ(better, state.best_epoch == report.epoch);
    EXPECT_EQ(best_report(state)->epoch, state.best_epoch);
    best.push_back(state.best_epoch);
  }
  return best;
}

TEST(Selection, KeepsTheFirstOfEquals) {
  EXPECT_EQ(best_of({0.1, 0.3, 0.3, 0.2, 0.4}, "srocc"),
            (std::vector<std::int64_t>{1, 2, 2, 2, 5}));
}

TEST(Selection, ByMagnitudeABackwardRankingMayWin) {
  EXPECT_EQ(best_of({0.1, -0.9, 0.5}, "srocc"), (std::vector<std::int64_t>{1, 1, 3}));
  EXPECT_EQ(best_of({0.1, -0.9, 0.5}, "abs-srocc"), (std::vector<std::int64_t>{1, 2, 2}));
}

TEST(Selection, AnUndefinedValueIsBestOnlyUntilThereIsAnother) {
  EXPECT_EQ(best_of({NAN, -0.9, NAN}, "srocc"), (std::vector<std::int64_t>{1, 2, 2}));
}

TEST(Selection, NoEpochHasNoReport) { EXPECT_EQ(best_report(RunState{}), nullptr); }

}  // namespace selection_test
}  // namespace robiq
