#include "robiq/app/tools/bench_tools.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>

#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/tensor/random.h"

namespace robiq {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double seconds_of(const std::function<void()>& work) {
  const auto started = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

std::unique_ptr<QualityModel> random_model(const std::string& spec, const Rng& rng,
                                           c10::Device device) {
  seed_torch_globals(rng.child("init"));
  auto model = Registry<QualityModel>::instance().make(parse_spec(spec, "--model"), "--model");
  model->move_to(device);
  return model;
}

void throw_if_bench_stopped() {
  if (stop_requested()) throw Interrupted("measuring was stopped");
}

double official_nt_gradients(QualityModel& model, const Loss& loss, const TrainBatch& batch,
                             const OfficialNt& nt, const Rng& position) {
  const auto outputs = [&](const at::Tensor& images) {
    seed_torch_globals(position.child("dropout"));
    return model.training_outputs(images);
  };
  const at::Tensor task = loss.value(outputs(batch.images), batch.mos);
  const at::Tensor leaf = batch.images.detach().requires_grad_(true);
  const at::Tensor scores = outputs(leaf).select(1, 0);
  const at::Tensor gradient =
      torch::autograd::grad({scores.sum()}, {leaf}, {}, /*retain_graph=*/true)[0];
  const at::Tensor unit = nt.step * stddev_like(model.card(), leaf);
  const at::Tensor moved = leaf.detach() + unit * gradient.sign();
  const at::Tensor slopes = (outputs(moved).select(1, 0) - scores) / nt.step;
  const at::Tensor penalty = nt.square ? slopes.square().mean() / 2 : slopes.abs().mean();
  const at::Tensor total = task + nt.weight * penalty;
  torch::autograd::backward({total});
  return total.item<double>();
}

}  // namespace robiq
