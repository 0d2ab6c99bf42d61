#include "robiq/attack/gradient/sign_ascent.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/attack/projection.h"
#include "robiq/core/error.h"

namespace robiq {

AttackOutcome sign_ascent(QualityModel& victim, const AttackBatch& batch, const SignAscent& walk,
                          const at::Tensor& start, const AttackContext& context) {
  const LinfBall ball(batch.images, walk.epsilon);
  at::Tensor images =
      start.defined() ? ball.project(batch.images + start) : batch.images.detach().clone();
  for (std::int64_t step = 0; step < walk.steps; ++step) {
    if (context.stop()) throw Interrupted("the attack was stopped");
    const at::Tensor leaf = images.detach().requires_grad_(true);
    const at::Tensor value = objective_value(walk.objective, victim.score(leaf), batch.clean_scores,
                                             victim.card().scale);
    const at::Tensor gradient = torch::autograd::grad({value}, {leaf})[0];
    const at::Tensor direction = gradient.nan_to_num_(0, 1, -1).sign_();
    images = ball.project(leaf.detach() + walk.step_size * direction);
  }
  return {images, walk.steps, walk.steps};
}

}  // namespace robiq
