// One step of I-FGSM on CNNIQA at 64 patches, beside the forward pass and the gradient it is made
// of.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <benchmark/benchmark.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/core/memory_limit.h"
#include "robiq/tensor/device.h"

namespace robiq {
namespace {

/// A frozen model and a batch of patches.
struct Target {
  Target() {
    keep_freed_memory();
    prepare_arithmetic(0);
    model = Registry<QualityModel>::instance().make("cnniqa", {});
    model->set_training(false);
    images = at::rand({64, 3, 32, 32});
    for (int i = 0; i < 64; ++i) ids.push_back(std::to_string(i));
    clean = model->score(images).detach();
  }
  std::unique_ptr<QualityModel> model;
  at::Tensor images, clean;
  std::vector<std::string> ids;
};

void forward(benchmark::State& state) {
  Target target;
  const at::NoGradGuard no_grad;
  for (auto step : state) benchmark::DoNotOptimize(target.model->score(target.images).data_ptr());
}

void gradient(benchmark::State& state) {
  Target target;
  const ScopedFrozen frozen(*target.model);
  for (auto step : state) {
    const at::Tensor leaf = target.images.detach().requires_grad_(true);
    const at::Tensor score = target.model->score(leaf).sum();
    benchmark::DoNotOptimize(torch::autograd::grad({score}, {leaf})[0].data_ptr());
  }
}

void attack_step(benchmark::State& state) {
  Target target;
  const ScopedFrozen frozen(*target.model);
  for (auto step : state) {
    const AttackOutcome outcome =
        sign_ascent(*target.model, {target.images, target.clean, target.ids},
                    {Objective::kMid, 0.005, 0.01, 1}, {}, {Rng(0)});
    benchmark::DoNotOptimize(outcome.images.data_ptr());
  }
}

BENCHMARK(forward)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(gradient)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(attack_step)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace robiq
