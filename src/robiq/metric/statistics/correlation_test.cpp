#include "robiq/metric/statistics/correlation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "robiq/core/rng.h"

namespace robiq {
namespace correlation_test {

using Column = std::vector<double>;

/// Kendall's counts by looking at every pair.
PairCounts count_pairs_naively(const Column& x, const Column& y) {
  PairCounts counts;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double product = (x[i] - x[j]) * (y[i] - y[j]);
      ++counts.pairs;
      counts.tied_x += x[i] == x[j];
      counts.tied_y += y[i] == y[j];
      counts.balance += product > 0 ? 1 : product < 0 ? -1 : 0;
    }
  }
  return counts;
}

/// n numbers out of `kinds` different ones.
Column random_column(std::size_t n, std::uint64_t kinds, const Rng& rng) {
  RandomStream random(rng);
  Column out(n);
  for (double& value : out) value = static_cast<double>(random.below(kinds)) - 3.0;
  return out;
}

TEST(Correlation, RanksShareTheMeanOfTies) {
  EXPECT_EQ(mid_ranks(Column{30, 10, 20, 10, 30, 30}), (Column{5, 1.5, 3, 1.5, 5, 5}));
  EXPECT_EQ(mid_ranks(Column{0.0, -0.0}), (Column{1.5, 1.5}));
  EXPECT_TRUE(mid_ranks(Column{}).empty());
}

TEST(Correlation, KnownValuesWithTies) {
  // Values of scipy.stats 1.10: pearsonr, spearmanr, kendalltau.
  const Column x{1, 2, 2, 3, 4, 4, 4, 5, 6, 7}, y{1, 3, 2, 2, 5, 4, 4, 6, 6, 8};
  EXPECT_NEAR(pearson(x, y), 0.9560277007607447, 1e-14);
  EXPECT_NEAR(spearman(x, y), 0.9596458403436596, 1e-14);
  EXPECT_NEAR(kendall_tau_b(x, y), 0.8916309815169777, 1e-14);
  EXPECT_NEAR(kendall_tau_a(x, y), 0.8222222222222222, 1e-14);
}

TEST(Correlation, CountsOfPairsEqualTheNaiveOnes) {
  for (std::uint64_t trial = 0; trial < 300; ++trial) {
    const Rng rng = Rng(3).child(trial);
    RandomStream random(rng);
    const std::size_t n = 2 + random.below(90);
    const std::uint64_t kinds = 1 + random.below(40);
    const Column x = random_column(n, kinds, rng.child("x"));
    const Column y = random_column(n, 2 * kinds, rng.child("y"));
    const PairCounts fast = count_pairs(x, y), naive = count_pairs_naively(x, y);
    ASSERT_EQ(fast.pairs, naive.pairs);
    ASSERT_EQ(fast.tied_x, naive.tied_x);
    ASSERT_EQ(fast.tied_y, naive.tied_y);
    ASSERT_EQ(fast.balance, naive.balance) << "n " << n << ", kinds " << kinds;
  }
}

TEST(Correlation, CountsPairsBeyond32Bits) {
  Column x(200'000), y(200'000);
  std::iota(x.begin(), x.end(), 0.0);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = -x[i];
  EXPECT_EQ(count_pairs(x, y).balance, -19'999'900'000);
  EXPECT_EQ(kendall_tau_b(x, y), -1.0);
  EXPECT_EQ(kendall_tau_a(x, x), 1.0);
  EXPECT_NEAR(spearman(x, y), -1.0, 1e-14);
}

TEST(Correlation, UndefinedForConstantOrShortColumns) {
  const Column constant{5, 5, 5}, x{1, 2, 3};
  for (const auto measure : {&pearson, &spearman, &kendall_tau_b, &kendall_tau_a}) {
    EXPECT_TRUE(std::isnan(measure(x, constant)));
    EXPECT_TRUE(std::isnan(measure(constant, x)));
    EXPECT_TRUE(std::isnan(measure(Column{1}, Column{2})));
    EXPECT_TRUE(std::isnan(measure(Column{}, Column{})));
  }
}

TEST(Correlation, PearsonKeepsItsDigitsUnderLargeOffsetsAndUnits) {
  const Column x{1, 2, 2, 3, 4, 4, 4, 5, 6, 7}, y{1, 3, 2, 2, 5, 4, 4, 6, 6, 8};
  const double expected = pearson(x, y);
  const auto moved = [](Column column, double factor, double offset) {
    for (double& value : column) value = factor * value + offset;
    return column;
  };
  EXPECT_NEAR(pearson(moved(x, 1, 1e15), moved(y, 1, -1e15)), expected, 1e-14);
  EXPECT_NEAR(pearson(moved(x, 1e300, 0), moved(y, 1e-300, 0)), expected, 1e-14);
  EXPECT_NEAR(pearson(moved(x, -2e307, 8e307), moved(y, 1e-310, 0)), -expected, 1e-9);
}

TEST(Correlation, StaysWithinOne) {
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    RandomStream random(Rng(4).child(trial));
    Column x(3), y(3);
    for (std::size_t i = 0; i < 3; ++i) {
      x[i] = random.uniform();
      y[i] = 1e9 + 3 * x[i];
    }
    ASSERT_LE(pearson(x, y), 1.0);
    ASSERT_GT(pearson(x, y), 1.0 - 1e-6);
  }
}

}  // namespace correlation_test
}  // namespace robiq
