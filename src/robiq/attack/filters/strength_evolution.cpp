#include "robiq/attack/filters/strength_evolution.h"

#include <algorithm>

namespace robiq {
namespace {

/// The strengths that live, the best first.
class StrengthPopulation {
 public:
  StrengthPopulation(const StrengthEvolution& search, const Rng& rng)
      : search_(search), stream_(rng) {}

  [[nodiscard]] double drawn() { return stream_.uniform(search_.least, search_.most); }
  /// \return a child, or a parent again; `is_new` says which
  [[nodiscard]] EvolvedStrength child(bool& is_new) {
    const double choice = stream_.uniform();
    is_new = choice < search_.crossover + search_.mutation;
    EvolvedStrength born = parent();
    if (choice < search_.crossover) {
      born.strength += stream_.uniform() * (parent().strength - born.strength);
    } else if (is_new) {
      constexpr double kSteps = 15;
      born.strength += stream_.normal() * (search_.most - search_.least) / kSteps;
    }
    born.strength = std::clamp(born.strength, search_.least, search_.most);
    return born;
  }
  void add(const EvolvedStrength& candidate) { living_.push_back(candidate); }
  void select() {
    std::stable_sort(
        living_.begin(), living_.end(),
        [](const EvolvedStrength& a, const EvolvedStrength& b) { return a.value > b.value; });
    const auto kept = std::min(living_.size(), static_cast<std::size_t>(search_.kept));
    living_.resize(kept);
  }
  [[nodiscard]] const EvolvedStrength& best() const { return living_.front(); }

 private:
  [[nodiscard]] const EvolvedStrength& parent() { return living_[stream_.below(living_.size())]; }

  const StrengthEvolution& search_;
  RandomStream stream_;
  std::vector<EvolvedStrength> living_;
};

}  // namespace

EvolvedStrength evolved_strength(const StrengthEvolution& search,
                                 const std::function<double(double)>& value,
                                 const std::function<double(double)>& snapped,
                                 const std::function<std::int64_t()>& remaining, const Rng& rng) {
  StrengthPopulation population(search, rng);
  const auto judged = [&](double strength) {
    const double taken = snapped(strength);
    return EvolvedStrength{taken, value(taken)};
  };
  for (std::int64_t i = 0; i < search.population && remaining() > 0; ++i) {
    population.add(judged(population.drawn()));
  }
  for (std::int64_t generation = 0; generation < search.generations && remaining() > 0;
       ++generation) {
    std::vector<EvolvedStrength> born;
    for (std::int64_t i = 0; i < search.children && remaining() > 0; ++i) {
      bool is_new = false;
      const EvolvedStrength child = population.child(is_new);
      born.push_back(is_new ? judged(child.strength) : child);
    }
    for (const EvolvedStrength& child : born) population.add(child);
    population.select();
  }
  population.select();
  return population.best();
}

}  // namespace robiq
