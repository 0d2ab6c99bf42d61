#include "robiq/attack/rank/target_descent.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/attack/projection.h"
#include "robiq/core/error.h"

namespace robiq {

AttackOutcome target_descent(QualityModel& victim, const AttackBatch& batch,
                             const TargetDescent& walk, const at::Tensor& targets,
                             const AttackContext& context) {
  const ScoreScale& scale = victim.card().scale;
  const LinfBall ball(batch.images, walk.epsilon);
  const at::Tensor wanted = targets.to(batch.images.options());
  at::Tensor images = batch.images.detach().clone();
  for (std::int64_t step = 0; step < walk.steps; ++step) {
    if (context.stop()) throw Interrupted("the attack was stopped");
    const at::Tensor leaf = images.detach().requires_grad_(true);
    const at::Tensor scores = (victim.score(leaf) - scale.worst) * scale.factor();
    const at::Tensor loss = (scores - wanted).square().sum();
    const at::Tensor gradient = torch::autograd::grad({loss}, {leaf})[0];
    const at::Tensor direction = gradient.nan_to_num(0, 1, -1).sign();
    images = ball.project(leaf.detach() - walk.step_size * direction);
  }
  return {images, walk.steps, walk.steps};
}

}  // namespace robiq
