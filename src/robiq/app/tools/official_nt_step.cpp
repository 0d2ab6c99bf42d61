#include "robiq/app/tools/official_nt_step.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/tensor/random.h"

namespace robiq {

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
