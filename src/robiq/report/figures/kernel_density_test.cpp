#include <gtest/gtest.h>

#include <cmath>

#include "robiq/report/figures/curves.h"

namespace robiq {
namespace kernel_density_test {

TEST(KernelDensity, QuantilesLieBetweenNeighbours) {
  const std::vector<double> sorted{0, 1, 2, 10};
  EXPECT_DOUBLE_EQ(quantile_of_sorted(sorted, 0), 0);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(sorted, 0.25), 0.75);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(sorted, 0.5), 1.5);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(sorted, 1), 10);
}

TEST(KernelDensity, BandwidthFollowsSilverman) {
  // 1, 2, 3, 4, 5: sd sqrt(2.5) = 1.5811, IQR / 1.34 = 2 / 1.34 = 1.4925, 5^(-0.2) = 0.72478.
  EXPECT_NEAR(silverman_bandwidth({5, 3, 1, 2, 4}), 0.9 * 1.492537 * 0.724780, 1e-5);
  // One far value: sd 44.05 is the larger of the two.
  EXPECT_NEAR(silverman_bandwidth({1, 2, 3, 4, 100}), 0.9 * 1.492537 * 0.724780, 1e-5);
}

TEST(KernelDensity, BandwidthOfEqualQuartilesTakesTheDeviation) {
  // sd of four zeros and a five: sqrt(20 / 4) = 2.23607.
  EXPECT_NEAR(silverman_bandwidth({0, 0, 0, 0, 5}), 0.9 * 2.236068 * 0.724780, 1e-5);
  EXPECT_EQ(silverman_bandwidth({3, 3, 3}), 0);
  EXPECT_EQ(silverman_bandwidth({3}), 0);
}

TEST(KernelDensity, OneValueGivesTheGaussian) {
  const std::vector<double> density = kernel_density({2}, 0.5, {2, 2.5, 3});
  EXPECT_NEAR(density[0], 0.797885, 1e-6);                   // 1 / (0.5 sqrt(2 pi))
  EXPECT_NEAR(density[1], 0.797885 * std::exp(-0.5), 1e-6);  // one bandwidth away
  EXPECT_NEAR(density[2], 0.797885 * std::exp(-2.0), 1e-6);  // two
}

TEST(KernelDensity, IntegratesToOne) {
  const std::vector<double> values{0, 0.5, 3, 3.25, 9};
  std::vector<double> at;
  constexpr double kStep = 0.01;
  for (int i = -3000; i < 4000; ++i) at.push_back(i * kStep);
  double sum = 0;
  for (const double value : kernel_density(values, silverman_bandwidth(values), at)) sum += value;
  EXPECT_NEAR(sum * kStep, 1, 1e-6);
}

}  // namespace kernel_density_test
}  // namespace robiq
