#include "robiq/attack/gradient/adam_walk.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/attack/gradient/adam_moments.h"
#include "robiq/attack/gradient/score_directions.h"
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
    moments.add(torch::autograd::grad({loss.sum()}, {leaf})[0].nan_to_num(0, 0, 0));
    images = (leaf.detach() - walk.step_size * moments.torch_step()).clamp(0, 1);
  }
  return {images, walk.steps, walk.steps};
}

}  // namespace robiq
