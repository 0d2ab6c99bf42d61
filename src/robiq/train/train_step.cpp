#include "robiq/train/train_step.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "robiq/core/error.h"
#include "robiq/tensor/compat.h"
#include "robiq/tensor/random.h"

namespace robiq {

StepResult train_step(const StepParts& parts, TrainBatch batch, const Rng& step) {
  batch = parts.defense.prepare(parts.model, std::move(batch), step);
  if (parts.defense.needs_image_gradient()) batch.images.requires_grad_(true);
  seed_torch_globals(step.child("dropout"));
  const at::Tensor outputs = parts.model.training_outputs(batch.images);
  const at::Tensor task = parts.loss.value(outputs, batch.mos);
  const Penalty penalty = parts.defense.penalty(parts.model, batch, outputs.select(1, 0), step);
  const at::Tensor total = penalty.value.defined() ? task + penalty.value : task;

  StepResult result;
  result.loss = task.item<double>();
  if (penalty.value.defined()) result.penalty = penalty.value.item<double>();
  if (penalty.gradient_norms.defined()) {
    result.gradient_norm = penalty.gradient_norms.abs().mean().item<double>();
  }
  if (!std::isfinite(result.loss + result.penalty)) {
    throw Error(ErrorKind::kNumeric,
                {fmt::format("the loss is {} and the penalty {}", result.loss, result.penalty), "",
                 "lower the learning rate or the weight of the defense"});
  }
  parts.optimizer.zero_grad();
  torch::autograd::backward({total}, {}, compat::kNoOption, false, parts.optimizer.parameters());
  parts.optimizer.step();
  return result;
}

}  // namespace robiq
