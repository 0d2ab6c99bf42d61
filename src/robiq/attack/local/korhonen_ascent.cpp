#include "robiq/attack/local/korhonen_ascent.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <limits>

#include "robiq/attack/gradient/adam_walk.h"
#include "robiq/attack/objective.h"
#include "robiq/core/error.h"

namespace robiq {
namespace {

constexpr double kLevels = 255;

/// 1 - p per row and its gradient by the values of `images`, masked.
struct Loss {
  at::Tensor values, gradient;
};

Loss masked_loss(QualityModel& victim, const at::Tensor& images, double per_unit,
                 const at::Tensor& mask) {
  const at::Tensor leaf = images.detach().requires_grad_(true);
  const ScoreScale& scale = victim.card().scale;
  const at::Tensor share = (victim.score(leaf / per_unit) - scale.worst) * (scale.factor() / 100.0);
  const at::Tensor loss = 1 - share;
  const at::Tensor gradient = torch::autograd::grad({loss.sum()}, {leaf})[0];
  check_gradient(gradient, victim.card().name);
  return {loss.detach(), at::nan_to_num(gradient, 0) * mask};
}

void throw_if_stopped(const AttackContext& context) {
  if (context.stop()) throw Interrupted("the attack was stopped");
}

}  // namespace

AttackOutcome korhonen_ascent(QualityModel& victim, const AttackBatch& batch,
                              const KorhonenAscent& walk, const at::Tensor& mask,
                              const AttackContext& context) {
  const std::int64_t rows = batch.images.size(0);
  at::Tensor images = batch.images.detach() * kLevels;
  at::Tensor best_images = images.clone();
  at::Tensor best = at::full({rows}, std::numeric_limits<double>::infinity(), images.options());
  at::Tensor without_gain = at::zeros({rows}, at::TensorOptions(images.device()).dtype(at::kLong));
  at::Tensor active = at::ones({rows}, at::TensorOptions(images.device()).dtype(at::kBool));
  AdamMoments moments(images);
  std::int64_t steps = 0;
  while (steps < walk.most_steps && active.any().item<bool>()) {
    throw_if_stopped(context);
    const Loss loss = masked_loss(victim, images, kLevels, mask);
    moments.add(loss.gradient);
    const double rate = walk.learning_rate * std::sqrt(moments.bias2()) / moments.bias1();
    images = images - rate * moments.first / (moments.second.sqrt() + AdamMoments::kEpsilon);
    const at::Tensor better = active.logical_and(loss.values < best);
    best = at::where(better, loss.values, best);
    best_images = at::where(better.view({-1, 1, 1, 1}), images, best_images);
    without_gain = at::where(better, at::zeros_like(without_gain), without_gain + 1);
    ++steps;
    if (steps >= walk.least_steps) active = active.logical_and(without_gain < walk.patience);
  }
  return {best_images / kLevels, steps, steps};
}

AttackOutcome fm_goat_ascent(QualityModel& victim, const AttackBatch& batch, double learning_rate,
                             std::int64_t steps, const at::Tensor& mask,
                             const AttackContext& context) {
  at::Tensor images = batch.images.detach().clone();
  AdamMoments moments(images);
  for (std::int64_t step = 0; step < steps; ++step) {
    throw_if_stopped(context);
    moments.add(masked_loss(victim, images, 1, mask).gradient);
    images = (images - learning_rate * moments.torch_step()).clamp(0, 1);
  }
  return {images, steps, steps};
}

}  // namespace robiq
