#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "robiq/attack/search/score_queries.h"

namespace robiq {

/// Genes, each in [0,1).
using Genome = std::vector<double>;

/// How differential_evolution() searches.
struct DifferentialEvolution {
  std::int64_t genes = 0;        ///< length of a genome
  std::int64_t population = 0;   ///< genomes of a generation
  std::int64_t generations = 0;  ///< after the first population
  double least_factor = 0.5;     ///< F of a generation is uniform in [least_factor, most_factor)
  double most_factor = 1.0;
};

/// The genome with the largest value (Storn and Price 1997; best/1 without crossover, so that every
/// gene mutates): the trial of genome i is best + F (a - b), a and b two others than i. A gene
/// that leaves [0,1) is drawn anew. Trials are judged together after a generation, and replace
/// their genome unless they are worse. The first population is a Latin hypercube. \param values  of
/// genomes, asked once for each population
[[nodiscard]] Genome differential_evolution(
    const DifferentialEvolution& search,
    const std::function<std::vector<double>(const std::vector<Genome>&)>& values,
    const SearchDraws& draws);

}  // namespace robiq
