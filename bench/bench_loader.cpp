// The loader beside the arithmetic it feeds: crops a second from built-in pictures in memory, with
// one and two workers, and one training step of CNNIQA on the same number of crops.
#include <ATen/ATen.h>
#include <benchmark/benchmark.h>

#include <numeric>

#include "robiq/data/loader.h"
#include "robiq/tensor/device.h"
#include "robiq/train/trainer.h"

namespace robiq {
namespace {

constexpr std::int64_t kBatch = 48, kSide = 32;

const Dataset& pictures() {
  static const auto dataset =
      Registry<Dataset>::instance().make(parse_spec("builtin:scenes=8", "bench"), "bench");
  return *dataset;
}

void load_batches(benchmark::State& state) {
  std::vector<std::size_t> all(pictures().records().size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  Loader loader(pictures(), all, {kSide, 16, false},
                {.batch_size = kBatch, .workers = state.range(0)}, Rng(0));
  std::int64_t epoch = 0;
  loader.start(epoch);
  for (auto step : state) {
    std::optional<Batch> batch = loader.next();
    if (!batch) {
      loader.start(++epoch);
      batch = loader.next();
    }
    benchmark::DoNotOptimize(batch->pixels.data_ptr());
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}

void training_step(benchmark::State& state) {
  prepare_arithmetic(0);
  const auto model = Registry<QualityModel>::instance().make("cnniqa", {});
  const auto loss = Registry<Loss>::instance().make("l1", {});
  const auto defense = Registry<Defense>::instance().make("none", {});
  Optimizer optimizer({}, model->parameter_groups());
  model->set_training(true);
  const at::Tensor images = at::rand({kBatch, 3, kSide, kSide}), mos = at::rand({kBatch}) * 100;
  for (auto step : state) train_step({*model, *loss, *defense, optimizer}, {images, mos}, Rng(0));
  state.SetItemsProcessed(state.iterations() * kBatch);
}

BENCHMARK(load_batches)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(training_step)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace robiq
