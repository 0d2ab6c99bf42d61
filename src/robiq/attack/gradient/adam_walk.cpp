#include "robiq/attack/gradient/adam_walk.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "robiq/attack/gradient/perceptual_ascent.h"
#include "robiq/core/error.h"

namespace robiq {

AttackOutcome adam_walk(QualityModel& victim, const AttackBatch& batch, const AdamWalk& walk,
                        const AttackContext& context) {
  constexpr double kRange = 100;
  const ScoreScale& scale = victim.card().scale;
  const at::Tensor directions = score_directions(walk.objective, batch.clean_scores, scale);
  const AdamWalk::Penalty penalty = walk.penalty_to(batch.images);
  at::Tensor images = batch.images.detach().clone();
  AdamMoments moments(images);
  for (std::int64_t step = 0; step < walk.steps; ++step) {
    if (context.stop()) throw Interrupted("the attack was stopped");
    const at::Tensor leaf = images.detach().requires_grad_(true);
    const at::Tensor scores = (victim.score(leaf) - scale.worst) * scale.factor();
    const at::Tensor loss = penalty(leaf) - directions * scores / kRange;
    const at::Tensor gradient = torch::autograd::grad({loss.sum()}, {leaf})[0];
    check_gradient(gradient, victim.card().name);
    moments.add(gradient.nan_to_num(0, 0, 0));
    images = (leaf.detach() - walk.step_size * moments.torch_step()).clamp(0, 1);
  }
  return {images, walk.steps, walk.steps};
}

AdamMoments::AdamMoments(const at::Tensor& like)
    : first(at::zeros_like(like)), second(at::zeros_like(like)) {}

void AdamMoments::add(const at::Tensor& gradient) {
  ++steps;
  first = kBeta1 * first + (1 - kBeta1) * gradient;
  second = kBeta2 * second + (1 - kBeta2) * gradient.square();
}

double AdamMoments::bias1() const { return 1 - std::pow(kBeta1, steps); }

double AdamMoments::bias2() const { return 1 - std::pow(kBeta2, steps); }

at::Tensor AdamMoments::torch_step() const {
  return first / bias1() / ((second / bias2()).sqrt() + kEpsilon);
}

}  // namespace robiq
