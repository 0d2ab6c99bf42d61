#include "robiq/attack/search/differential_evolution.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace robiq {
namespace {

/// One genome in each of as many equal slices of every gene's range.
std::vector<Genome> latin_hypercube(const DifferentialEvolution& search, const SearchDraws& draws) {
  const auto count = static_cast<std::size_t>(search.population);
  std::vector<Genome> population(count, Genome(static_cast<std::size_t>(search.genes)));
  std::vector<std::size_t> slices(count);
  for (std::size_t gene = 0; gene < static_cast<std::size_t>(search.genes); ++gene) {
    std::iota(slices.begin(), slices.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) {
      std::swap(slices[i - 1],
                slices[static_cast<std::size_t>(draws.below(static_cast<std::int64_t>(i)))]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      population[i][gene] =
          (static_cast<double>(slices[i]) + draws.uniform()) / static_cast<double>(count);
    }
  }
  return population;
}

std::size_t largest_value(const std::vector<double>& values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

/// A number below n other than two that are given.
std::size_t genome_other_than(std::size_t first, std::size_t second, std::int64_t n,
                              const SearchDraws& draws) {
  for (;;) {
    const auto drawn = static_cast<std::size_t>(draws.below(n));
    if (drawn != first && drawn != second) return drawn;
  }
}

Genome trial_genome(std::size_t i, const std::vector<Genome>& population, const Genome& best,
                    double factor, const SearchDraws& draws) {
  const auto n = static_cast<std::int64_t>(population.size());
  const std::size_t a = genome_other_than(i, i, n, draws), b = genome_other_than(i, a, n, draws);
  Genome trial = best;
  for (std::size_t gene = 0; gene < trial.size(); ++gene) {
    trial[gene] += factor * (population[a][gene] - population[b][gene]);
    if (!(trial[gene] >= 0 && trial[gene] < 1)) trial[gene] = draws.uniform();
  }
  return trial;
}

}  // namespace

Genome differential_evolution(
    const DifferentialEvolution& search,
    const std::function<std::vector<double>(const std::vector<Genome>&)>& values,
    const SearchDraws& draws) {
  std::vector<Genome> population = latin_hypercube(search, draws);
  std::vector<double> reached = values(population);
  constexpr std::size_t kLeast = 3;  // a trial is made of two others
  const std::int64_t generations = population.size() < kLeast ? 0 : search.generations;
  for (std::int64_t generation = 0; generation < generations; ++generation) {
    const double width = search.most_factor - search.least_factor;
    const double factor = search.least_factor + width * draws.uniform();
    const Genome best = population[largest_value(reached)];
    std::vector<Genome> trials;
    for (std::size_t i = 0; i < population.size(); ++i) {
      trials.push_back(trial_genome(i, population, best, factor, draws));
    }
    const std::vector<double> tried = values(trials);
    for (std::size_t i = 0; i < population.size(); ++i) {
      if (tried[i] < reached[i]) continue;
      population[i] = trials[i];
      reached[i] = tried[i];
    }
  }
  return population[largest_value(reached)];
}

}  // namespace robiq
