#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "robiq/core/rng.h"

namespace robiq {

/// A search for the strength of a filter that gains most: an evolution with the constants of the
/// published search over filter parameters (black-box-iqa, github.com/georgebychkov). A child is
/// with probability `crossover` a point between two parents, with probability `mutation` a parent
/// moved by N(0, (most - least) / 15), else a parent again, which costs nothing. The best `kept` of
/// parents and children live on.
struct StrengthEvolution {
  double least = 0, most = 1;
  std::int64_t population = 28, generations = 12, kept = 18, children = 24;
  double crossover = 0.5, mutation = 0.49;
};

struct EvolvedStrength {
  double strength = 0, value = 0;
};

/// The best strength that was found.
/// \param value  of a strength, to be large; it is asked about 313 times
/// \param snapped  the nearest strength that the filter takes
/// \param remaining  how often `value` may still be asked; the search ends at 0. At least 1
[[nodiscard]] EvolvedStrength evolved_strength(const StrengthEvolution& search,
                                               const std::function<double(double)>& value,
                                               const std::function<double(double)>& snapped,
                                               const std::function<std::int64_t()>& remaining,
                                               const Rng& rng);

}  // namespace robiq
