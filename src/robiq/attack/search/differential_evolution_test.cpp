#include "robiq/attack/search/differential_evolution.h"

#include <gtest/gtest.h>

#include <cmath>

namespace robiq {
namespace differential_evolution_test {

/// Largest, 0, at (.3, .7, .5).
double hill(const Genome& genome) {
  return -std::fabs(genome[0] - 0.3) - std::fabs(genome[1] - 0.7) - std::fabs(genome[2] - 0.5);
}

std::vector<double> hills(const std::vector<Genome>& genomes) {
  std::vector<double> out;
  for (const Genome& genome : genomes) out.push_back(hill(genome));
  return out;
}

TEST(DifferentialEvolution, ClimbsToTheTop) {
  const Genome first =
      differential_evolution({.genes = 3, .population = 30}, hills, draws_at(Rng(4)));
  const Genome best = differential_evolution({.genes = 3, .population = 30, .generations = 60},
                                             hills, draws_at(Rng(4)));
  EXPECT_LT(hill(first), -0.02);
  EXPECT_GT(hill(best), -1e-4);
}

TEST(DifferentialEvolution, AsksOncePerPopulationAndKeepsGenesInRange) {
  int asked = 0;
  const auto values = [&](const std::vector<Genome>& genomes) {
    ++asked;
    EXPECT_EQ(genomes.size(), 20U);
    std::vector<double> out;
    for (const Genome& genome : genomes) {
      for (const double gene : genome) {
        EXPECT_GE(gene, 0);
        EXPECT_LT(gene, 1);
      }
      out.push_back(genome[0] + genome[1]);  // the best lies in a corner, so that genes leave
    }
    return out;
  };
  static_cast<void>(differential_evolution({.genes = 2, .population = 20, .generations = 7}, values,
                                           draws_at(Rng(1))));
  EXPECT_EQ(asked, 8);
}

TEST(DifferentialEvolution, BeginsWithOneGenomeInEverySlice) {
  const auto values = [](const std::vector<Genome>& genomes) {
    for (std::size_t gene = 0; gene < 2; ++gene) {
      std::vector<int> seen(genomes.size(), 0);
      for (const Genome& genome : genomes) {
        ++seen[static_cast<std::size_t>(genome[gene] * static_cast<double>(genomes.size()))];
      }
      for (const int count : seen) EXPECT_EQ(count, 1);
    }
    return std::vector<double>(genomes.size(), 0.0);
  };
  static_cast<void>(
      differential_evolution({.genes = 2, .population = 25}, values, draws_at(Rng(9))));
}

}  // namespace differential_evolution_test
}  // namespace robiq
