#include "robiq/train/train_step.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "robiq/core/error.h"
#include "robiq/tensor/compat.h"
#include "robiq/tensor/random.h"
#include "robiq/tensor/row_dropout.h"
#include "robiq/train/group_step.h"

namespace robiq {

namespace {

/// The result and the gradients of all processes, and the update that each of them makes.
StepResult finished(const StepParts& parts, StepResult result) {
  if (parts.group != nullptr) {
    sum_over_processes(*parts.group, parts.optimizer.parameters(),
                       {&result.loss, &result.penalty, &result.gradient_norm});
  }
  parts.optimizer.step();
  return result;
}

/// The step of a process that has no row of a small last batch.
StepResult step_without_rows(const StepParts& parts) {
  skip_loss_of_all(*parts.group);
  parts.optimizer.zero_grad();
  return finished(parts, {});
}

}  // namespace

StepResult train_step(const StepParts& parts, TrainBatch batch, const Rng& step) {
  const std::int64_t rows = batch.images.size(0);
  if (parts.group != nullptr && rows == 0) return step_without_rows(parts);
  const std::int64_t all = batch.rows_of_all > 0 ? batch.rows_of_all : rows;
  const double part = static_cast<double>(rows) / static_cast<double>(all);
  const ScopedBatchRows masks(batch.first_row, all);
  batch = parts.defense.prepare(parts.model, std::move(batch), step);
  if (parts.defense.needs_image_gradient()) batch.images.requires_grad_(true);
  seed_torch_globals(step.child("dropout"));
  const at::Tensor outputs = parts.model.training_outputs(batch.images);
  const at::Tensor task = loss_of_all(parts.group, parts.loss, outputs, batch.mos);
  Penalty penalty = parts.defense.penalty(parts.model, batch, outputs.select(1, 0), step);
  if (penalty.value.defined() && rows < all) penalty.value = penalty.value * part;
  const at::Tensor total = penalty.value.defined() ? task + penalty.value : task;

  StepResult result;
  result.loss = task.item<double>() * part;  // of this process: they add up to the whole
  if (penalty.value.defined()) result.penalty = penalty.value.item<double>();
  if (penalty.gradient_norms.defined()) {
    result.gradient_norm = penalty.gradient_norms.abs().mean().item<double>() * part;
  }
  if (!std::isfinite(result.loss + result.penalty)) {
    throw Error(ErrorKind::kNumeric, {fmt::format("the loss is {} and the penalty {}",
                                                  task.item<double>(), result.penalty),
                                      "", "lower the learning rate or the weight of the defense"});
  }
  parts.optimizer.zero_grad();
  torch::autograd::backward({total}, {}, compat::kNoOption, false, parts.optimizer.parameters());
  return finished(parts, result);
}

}  // namespace robiq
