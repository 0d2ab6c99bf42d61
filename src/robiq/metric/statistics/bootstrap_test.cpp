#include "robiq/metric/statistics/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace robiq {
namespace bootstrap_test {

using Column = std::vector<double>;

struct Sample {
  Column x, y;
  [[nodiscard]] ScoreColumns columns() const { return {x, y, {}}; }
};

/// n pairs of normal numbers with correlation rho.
Sample normal_sample(std::size_t n, double rho, const Rng& rng) {
  RandomStream random(rng);
  Sample out;
  for (std::size_t i = 0; i < n; ++i) {
    out.x.push_back(random.normal());
    out.y.push_back(rho * out.x.back() + std::sqrt(1 - rho * rho) * random.normal());
  }
  return out;
}

std::unique_ptr<Metric> metric(const std::string& name) {
  return Registry<Metric>::instance().make(name, Params{});
}

TEST(Bootstrap, SameSeedSameInterval) {
  const Sample sample = normal_sample(80, 0.7, Rng(1));
  const auto srocc = metric("srocc");
  const Interval a = bootstrap_interval(*srocc, sample.columns(), 300, Rng(2));
  const Interval b = bootstrap_interval(*srocc, sample.columns(), 300, Rng(2));
  const Interval c = bootstrap_interval(*srocc, sample.columns(), 300, Rng(3));
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_NE(a.low, c.low);
  EXPECT_NEAR(a.low, c.low, 0.05);
}

TEST(Bootstrap, IntervalSurroundsTheValueAndNarrowsWithMorePictures) {
  double last = 10;
  for (const std::size_t n : {50U, 500U, 5000U}) {
    const Sample sample = normal_sample(n, 0.7, Rng(4));
    const auto plcc = metric("plcc");
    const double value = plcc->compute(sample.columns()).value;
    const Interval interval = bootstrap_interval(*plcc, sample.columns(), 400, Rng(5));
    EXPECT_LT(interval.low, value);
    EXPECT_GT(interval.high, value);
    EXPECT_LT(interval.high - interval.low, 0.6 * last);
    last = interval.high - interval.low;
    EXPECT_EQ(interval.note, "");
  }
}

// 95 % of the intervals should hold the true correlation. The percentile interval is known to fall
// a little short at n = 60; with 300 trials one standard error is 1.3 %.
TEST(Bootstrap, CoversTheTruthAboutAsOftenAsItSays) {
  constexpr int kTrials = 300;
  constexpr double kRho = 0.6;
  const auto plcc = metric("plcc");
  int covered = 0;
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    const Rng rng = Rng(6).child(trial);
    const Sample sample = normal_sample(60, kRho, rng.child("data"));
    const Interval interval = bootstrap_interval(*plcc, sample.columns(), 300, rng.child("draw"));
    covered += interval.low <= kRho && kRho <= interval.high;
  }
  EXPECT_GT(covered, 0.89 * kTrials);
  EXPECT_LT(covered, 0.985 * kTrials);
}

TEST(Bootstrap, BoundsItsWork) {
  EXPECT_EQ(planned_resamples(1162, 1000), 1000);
  EXPECT_EQ(planned_resamples(10'000, 1000), 1000);
  EXPECT_EQ(planned_resamples(20'000, 1000), 500);
  EXPECT_EQ(planned_resamples(50'000, 1000), 200);
  EXPECT_EQ(planned_resamples(50'001, 1000), 0);
  EXPECT_EQ(planned_resamples(100'000, 100), 100);
  EXPECT_EQ(planned_resamples(100'001, 100), 0);
}

TEST(Bootstrap, SaysWhenThereIsNoIntervalOrACoarserOne) {
  const auto rmse = metric("rmse");
  const Sample many = normal_sample(50'001, 0.5, Rng(7));
  const Interval none = bootstrap_interval(*rmse, many.columns(), 1000, Rng(1));
  EXPECT_TRUE(std::isnan(none.low));
  EXPECT_TRUE(std::isnan(none.high));
  EXPECT_EQ(none.note, "no interval for more than 50000 pictures");
  const Sample fewer = normal_sample(40'000, 0.5, Rng(7));
  const Interval coarse = bootstrap_interval(*rmse, fewer.columns(), 1000, Rng(1));
  EXPECT_FALSE(std::isnan(coarse.low));
  EXPECT_EQ(coarse.note, "interval from 250 resamples");
  const Sample one = normal_sample(1, 0.5, Rng(7));
  EXPECT_EQ(bootstrap_interval(*rmse, one.columns(), 1000, Rng(1)).note,
            "no interval for fewer than two pictures");
}

TEST(Bootstrap, LeavesOutUndefinedResamples) {
  // With one of six different, about a third of the resamples are constant.
  const Column x{1, 1, 1, 1, 1, 2}, y{1, 2, 3, 4, 5, 6};
  const Interval most = bootstrap_interval(*metric("plcc"), {x, y, {}}, 500, Rng(8));
  EXPECT_FALSE(std::isnan(most.low));
  EXPECT_EQ(most.note, "");
  // A constant column: no resample has a correlation.
  const Column same{1, 1}, two{1, 2};
  const Interval none = bootstrap_interval(*metric("plcc"), {same, two, {}}, 500, Rng(8));
  EXPECT_TRUE(std::isnan(none.low));
  EXPECT_EQ(none.note, "no interval: undefined in most resamples");
}

}  // namespace bootstrap_test
}  // namespace robiq
