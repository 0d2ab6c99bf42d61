#include "robiq/attack/gradient/perceptual_ascent.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "robiq/attack/norm_ball.h"
#include "robiq/core/error.h"
#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

/// The score that the attack moves, [N]: normalised, or mapped.
at::Tensor attacked_score(const at::Tensor& native, const ScoreScale& scale,
                          const std::optional<LogisticMap>& map) {
  const at::Tensor score = (native - scale.worst) * scale.factor();
  if (!map) return score;
  return map->top * at::sigmoid((score - map->centre) / map->width);
}

/// As the authors' code: they zero what SSIM's window sees worst, but of the border only two
/// corners.
void zero_corners(at::Tensor& gradient) {
  constexpr std::int64_t kSide = 5;
  const std::int64_t height = gradient.size(2), width = gradient.size(3);
  const std::int64_t rows = std::min(kSide, height), columns = std::min(kSide, width);
  gradient.narrow(2, 0, rows).narrow(3, 0, columns).zero_();
  gradient.narrow(2, height - rows, rows).narrow(3, width - columns, columns).zero_();
}

/// What a new Adam adds for a loss whose gradient is -`gradient`.
at::Tensor first_adam_step(const at::Tensor& gradient, bool spare_corners) {
  constexpr double kInNorm = 1e-12, kInAdam = 1e-8;
  at::Tensor g = at::nan_to_num(gradient, 0);
  g = g / picture_norm(g + kInNorm).view({-1, 1, 1, 1});
  if (spare_corners) zero_corners(g);
  return g / (g.abs() + kInAdam);
}

}  // namespace

AttackOutcome perceptual_ascent(QualityModel& victim, const AttackBatch& batch,
                                const PerceptualAscent& walk, const at::Tensor& start,
                                const AttackContext& context) {
  const ScoreScale& scale = victim.card().scale;
  const at::Tensor before = attacked_score(batch.clean_scores, scale, walk.map);
  const LinfBall ball(batch.images, walk.epsilon.value_or(1.0));
  PerceptualAscent::Similarity similarity;
  if (walk.similarity_to && walk.weight != 0) similarity = walk.similarity_to(batch.images);
  at::Tensor images = ball.project(batch.images + start);
  for (std::int64_t step = 0; step < walk.steps; ++step) {
    if (context.stop()) throw Interrupted("the attack was stopped");
    const at::Tensor leaf = images.detach().requires_grad_(true);
    at::Tensor value = (attacked_score(victim.score(leaf), scale, walk.map) - before).square();
    if (similarity) value = value + walk.weight * similarity(leaf);
    const at::Tensor gradient = torch::autograd::grad({value.sum()}, {leaf})[0];
    check_gradient(gradient, victim.card().name);
    const double shrink =
        1 - walk.decay * static_cast<double>(step) / static_cast<double>(walk.steps);
    images = ball.project(leaf.detach() +
                          walk.step_size * shrink * first_adam_step(gradient, walk.spare_corners));
  }
  return {images, walk.steps, walk.steps};
}

std::vector<std::string_view> direction_names() { return {"mid", "up", "down"}; }

at::Tensor score_directions(Objective objective, const at::Tensor& clean, const ScoreScale& scale) {
  if (needs_random_start(objective)) {
    throw Error(ErrorKind::kInternal, {"this attack loss has no direction", "loss", ""});
  }
  const at::Tensor up = at::ones_like(clean);
  if (objective == Objective::kUp) return up;
  if (objective == Objective::kDown) return -up;
  return at::where((clean - scale.worst) * scale.factor() <= 50, up, -up);
}

}  // namespace robiq
