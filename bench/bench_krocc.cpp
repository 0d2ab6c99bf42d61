// Kendall's rank correlation: merge counting, O(n log n), against looking at every pair, O(n^2).
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/metric/statistics/correlation.h"

namespace robiq {
namespace {

struct Scores {
  std::vector<double> before, after;
};

/// n scores on 0..100 and the same with noise; one in ten is rounded, so that there are ties.
Scores make_scores(std::size_t n) {
  RandomStream random(Rng(1).child("krocc"));
  Scores out;
  for (std::size_t i = 0; i < n; ++i) {
    const double before = random.uniform(0, 100), after = before + 10 * random.normal();
    const bool rounded = i % 10 == 0;
    out.before.push_back(rounded ? std::round(before) : before);
    out.after.push_back(rounded ? std::round(after) : after);
  }
  return out;
}

int sign(double value) { return int{value > 0} - int{value < 0}; }

double naive_tau_b(const std::vector<double>& x, const std::vector<double>& y) {
  std::int64_t balance = 0, untied_x = 0, untied_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const int a = sign(x[i] - x[j]), b = sign(y[i] - y[j]);
      balance += a * b;
      untied_x += a != 0;
      untied_y += b != 0;
    }
  }
  return static_cast<double>(balance) /
         std::sqrt(static_cast<double>(untied_x) * static_cast<double>(untied_y));
}

template <class Tau>
void measure(benchmark::State& state, Tau tau) {
  const Scores scores = make_scores(static_cast<std::size_t>(state.range(0)));
  double value = 0;
  for (auto _ : state) {
    value = tau(scores.before, scores.after);
    benchmark::DoNotOptimize(value);
  }
  state.counters["tau_b"] = value;  // must agree between the two where both run
  state.SetComplexityN(state.range(0));
}

void merge_counting(benchmark::State& state) {
  measure(state, [](const auto& x, const auto& y) { return kendall_tau_b(x, y); });
}
void every_pair(benchmark::State& state) { measure(state, &naive_tau_b); }

BENCHMARK(merge_counting)
    ->RangeMultiplier(10)
    ->Range(1'000, 1'000'000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity(benchmark::oNLogN);
BENCHMARK(every_pair)
    ->RangeMultiplier(10)
    ->Range(100, 10'000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity(benchmark::oNSquared);

}  // namespace
}  // namespace robiq

BENCHMARK_MAIN();
