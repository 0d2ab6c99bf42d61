#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "robiq/train/optimizer.h"

namespace robiq {
namespace schedule_test {

double at(const Schedule& schedule, std::int64_t step) { return schedule.at({step, 10, 100}); }

TEST(Schedule, ConstantStaysAtOne) {
  const Schedule schedule;
  for (const std::int64_t step : {0, 1, 50, 99}) EXPECT_EQ(at(schedule, step), 1);
}

TEST(Schedule, StepFallsAfterSoManyEpochs) {
  const Schedule schedule{.kind = ScheduleKind::kStep, .every_epochs = 3, .factor = 0.1};
  EXPECT_DOUBLE_EQ(at(schedule, 0), 1);
  EXPECT_DOUBLE_EQ(at(schedule, 29), 1);
  EXPECT_DOUBLE_EQ(at(schedule, 30), 0.1);
  EXPECT_DOUBLE_EQ(at(schedule, 60), 0.1 * 0.1);
}

TEST(Schedule, CosineFallsFromOneToAHundredth) {
  const Schedule schedule{.kind = ScheduleKind::kCosine};
  EXPECT_DOUBLE_EQ(at(schedule, 0), 1);
  EXPECT_NEAR(at(schedule, 50), 0.505, 1e-12);
  EXPECT_DOUBLE_EQ(at(schedule, 100), 0.01);
  EXPECT_DOUBLE_EQ(at(schedule, 1000), 0.01) << "beyond the end";
  for (std::int64_t step = 1; step <= 100; ++step) {
    EXPECT_LT(at(schedule, step), at(schedule, step - 1));
  }
}

TEST(Schedule, WarmupRisesInALine) {
  const Schedule schedule{.warmup_steps = 4};
  EXPECT_DOUBLE_EQ(at(schedule, 0), 0.2);
  EXPECT_DOUBLE_EQ(at(schedule, 3), 0.8);
  EXPECT_DOUBLE_EQ(at(schedule, 4), 1);
}

TEST(Schedule, CosineOfEpochsStaysWithinOne) {
  const Schedule schedule{.kind = ScheduleKind::kCosineEpochs};
  EXPECT_DOUBLE_EQ(at(schedule, 0), 1);
  EXPECT_DOUBLE_EQ(at(schedule, 9), 1);
  EXPECT_NEAR(at(schedule, 10), 0.5 * (1 + std::cos(std::numbers::pi / 10)), 1e-12);
  EXPECT_NEAR(at(schedule, 55), 0.5, 1e-12);
  EXPECT_GT(at(schedule, 99), 0) << "the last epoch learns";
}

TEST(Schedule, CosineWaveReachesZeroEveryHundredStepsWhateverTheEpoch) {
  const Schedule schedule{.kind = ScheduleKind::kCosineWave};
  for (const std::int64_t period : {0, 100, 900}) {
    EXPECT_NEAR(at(schedule, period), 1, 1e-12);
    EXPECT_NEAR(at(schedule, period + 25), 0.5, 1e-12);
    EXPECT_NEAR(at(schedule, period + 50), 0, 1e-12);
    EXPECT_NEAR(at(schedule, period + 75), 0.5, 1e-12);
  }
}

}  // namespace schedule_test
}  // namespace robiq
