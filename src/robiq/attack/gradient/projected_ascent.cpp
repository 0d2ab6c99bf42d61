#include "robiq/attack/gradient/projected_ascent.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <vector>

#include "robiq/attack/norm_ball.h"
#include "robiq/core/error.h"
#include "robiq/model/several_models.h"

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

AttackOutcome sign_ascent(QualityModel& victim, const AttackBatch& batch, const SignAscent& walk,
                          const at::Tensor& start, const AttackContext& context) {
  const LinfBall ball(batch.images, walk.epsilon);
  at::Tensor images =
      start.defined() ? ball.project(batch.images + start) : batch.images.detach().clone();
  for (std::int64_t step = 0; step < walk.steps; ++step) {
    if (context.stop()) throw Interrupted("the attack was stopped");
    const at::Tensor gradient =
        row_ascent(victim, images, walk.objective, batch.clean_scores).gradient;
    images = ball.project(images.detach() + walk.step_size * gradient.sign());
  }
  return {images, walk.steps, walk.steps};
}

at::Tensor row_objective(Objective objective, const at::Tensor& scores, const at::Tensor& clean,
                         const ScoreScale& scale) {
  std::vector<at::Tensor> values;
  for (std::int64_t row = 0; row < scores.size(0); ++row) {
    values.push_back(
        objective_value(objective, scores.narrow(0, row, 1), clean.narrow(0, row, 1), scale));
  }
  return at::stack(values);
}

namespace {

at::Tensor sound(const at::Tensor& gradient, const QualityModel& model) {
  check_gradient(gradient, model.card().name);
  return gradient.nan_to_num(0, 1, -1);
}

/// Every model's gradient counts alike: each is divided by its mean absolute value.
RowAscent ascent_of_several(const std::vector<QualityModel*>& models, const ScoreScale& scale,
                            const at::Tensor& leaf, const at::Tensor& seen, Objective objective,
                            const at::Tensor& clean) {
  at::Tensor gradients = at::zeros_like(leaf), scores;
  for (QualityModel* const model : models) {
    const ScoreScale& own = model->card().scale;
    const at::Tensor points = (model->score(seen) - own.worst) * own.factor();
    const at::Tensor gradient =
        sound(torch::autograd::grad({points.sum()}, {leaf}, {}, /*retain_graph=*/true)[0], *model);
    const at::Tensor size = gradient.abs().mean({1, 2, 3}, true);
    gradients += at::where(size > 0, gradient / size, at::zeros_like(gradient));
    scores = scores.defined() ? scores + points.detach() : points.detach();
  }
  const at::Tensor mean =
      (scores / static_cast<double>(models.size())).detach().requires_grad_(true);
  const at::Tensor values = row_objective(objective, mean, clean, scale);
  const at::Tensor way = torch::autograd::grad({values.sum()}, {mean})[0].sign();
  return {values.detach(), way.view({-1, 1, 1, 1}) * gradients};
}

}  // namespace

RowAscent row_ascent(QualityModel& victim, const at::Tensor& images, Objective objective,
                     const at::Tensor& clean,
                     const std::function<at::Tensor(const at::Tensor&)>& view) {
  const std::vector<QualityModel*> models = models_in(victim);
  if (models.size() > 1) {
    const at::Tensor leaf = images.detach().requires_grad_(true);
    return ascent_of_several(models, victim.card().scale, leaf, view ? view(leaf) : leaf, objective,
                             clean);
  }
  const at::Tensor leaf = images.detach().requires_grad_(true);
  const at::Tensor scores = victim.score(view ? view(leaf) : leaf);
  const at::Tensor values = row_objective(objective, scores, clean, victim.card().scale);
  const at::Tensor gradient = torch::autograd::grad({values.sum()}, {leaf})[0];
  return {values.detach(), sound(gradient, victim)};
}

}  // namespace robiq
