#include "robiq/attack/gradient/projected_ascent.h"

#include <ATen/ATen.h>

#include "robiq/attack/gradient/row_ascent.h"
#include "robiq/core/error.h"

namespace robiq {

AttackOutcome projected_ascent(QualityModel& victim, const AttackBatch& batch,
                               const ProjectedAscent& walk, const at::Tensor& start,
                               const AttackContext& context) {
  const NormBall ball(batch.images, walk.norm, walk.epsilon);
  at::Tensor images = ball.project(start.detach());
  for (std::int64_t step = 0; step < walk.steps; ++step) {
    if (context.stop()) throw Interrupted("the attack was stopped");
    const at::Tensor gradient =
        row_ascent(victim, images, walk.objective, batch.clean_scores).gradient;
    images = ball.project(images + walk.step_size * ball.steepest(gradient));
  }
  return {images, walk.steps, walk.steps};
}

AttackOutcome best_of_restarts(std::int64_t count,
                               const std::function<WalkEnd(std::int64_t)>& walk) {
  AttackOutcome best;
  at::Tensor best_values;
  for (std::int64_t i = 0; i < count; ++i) {
    const WalkEnd end = walk(i);
    best.forwards += end.forwards;
    best.backwards += end.backwards;
    if (i == 0) {
      best.images = end.images;
      best_values = end.values;
      continue;
    }
    const at::Tensor better = end.values > best_values;
    best.images = at::where(better.view({-1, 1, 1, 1}), end.images, best.images);
    best_values = at::where(better, end.values, best_values);
  }
  return best;
}

}  // namespace robiq
