#include "robiq/attack/gradient/apgd.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/core/error.h"

namespace robiq {

namespace {

/// Share of the last move that is added to a step, from the second step on.
constexpr double kApgdMomentum = 0.25;

at::Tensor apgd_row_mask(const at::Tensor& rows) { return rows.view({-1, 1, 1, 1}); }

/// Where all rows stand between two steps.
class ApgdState {
 public:
  ApgdState(const at::Tensor& start, const NormBall& ball, double epsilon, RowAscent first)
      : ball_(ball),
        images_(start),
        previous_(start),
        gradient_(first.gradient),
        step_size_(at::full({start.size(0), 1, 1, 1}, 2 * epsilon, start.options())),
        best_images_(start),
        best_gradient_(first.gradient),
        reduced_before_(at::ones({start.size(0)}, start.options().dtype(at::kBool))),
        best_before_(first.values) {
    values_.push_back(first.values);
    best_values_.push_back(first.values);
  }

  /// Moves on. \return the pictures whose objective is asked for next
  const at::Tensor& step() {
    const at::Tensor plain = ball_.project(images_ + step_size_ * ball_.steepest(gradient_));
    const double momentum = values_.size() == 1 ? 0 : kApgdMomentum;
    const at::Tensor moved = ball_.project(images_ + (1 - momentum) * (plain - images_) +
                                           momentum * (images_ - previous_));
    previous_ = images_;
    images_ = moved;
    return images_;
  }

  /// Takes what the model says of step()'s pictures.
  void take(const RowAscent& found) {
    gradient_ = found.gradient;
    const at::Tensor better = found.values > best_values_.back();
    best_images_ = at::where(apgd_row_mask(better), images_, best_images_);
    best_gradient_ = at::where(apgd_row_mask(better), gradient_, best_gradient_);
    values_.push_back(found.values);
    best_values_.push_back(at::where(better, found.values, best_values_.back()));
  }

  /// Looks back over the last `interval` steps and halves the step size of the rows that stall.
  void check(std::int64_t interval, double rho) {
    at::Tensor rises = at::zeros_like(values_[0]);
    const auto last = values_.size() - 1;
    for (std::size_t back = 0; back < static_cast<std::size_t>(interval); ++back) {
      rises += values_[last - back] > values_[last - back - 1];
    }
    const at::Tensor wavers = rises <= static_cast<double>(interval) * rho;
    const at::Tensor stands = reduced_before_.logical_not() & (best_before_ >= best_values_.back());
    const at::Tensor reduce = wavers | stands;
    step_size_ = at::where(apgd_row_mask(reduce), step_size_ / 2, step_size_);
    images_ = at::where(apgd_row_mask(reduce), best_images_, images_);
    gradient_ = at::where(apgd_row_mask(reduce), best_gradient_, gradient_);
    reduced_before_ = reduce;
    best_before_ = best_values_.back();
  }

  [[nodiscard]] const at::Tensor& best_images() const { return best_images_; }
  [[nodiscard]] at::Tensor best_values() const { return at::stack(best_values_); }

 private:
  const NormBall& ball_;
  at::Tensor images_, previous_, gradient_, step_size_;
  at::Tensor best_images_, best_gradient_;
  at::Tensor reduced_before_, best_before_;  // at the last checkpoint, [N]
  std::vector<at::Tensor> values_, best_values_;
};

}  // namespace

std::vector<std::int64_t> apgd_checkpoints(std::int64_t steps) {
  const auto share = [steps](double part) {
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(part * static_cast<double>(steps)));
  };
  const std::int64_t least = share(0.06), shrink = share(0.03);
  std::vector<std::int64_t> checkpoints;
  std::int64_t interval = share(0.22);
  for (std::int64_t next = interval; next <= steps; next += interval) {
    checkpoints.push_back(next);
    interval = std::max(interval - shrink, least);
  }
  return checkpoints;
}

ApgdOutcome apgd(QualityModel& victim, const AttackBatch& batch, const ApgdWalk& walk,
                 const at::Tensor& start, const AttackContext& context) {
  const NormBall ball(batch.images, walk.norm, walk.epsilon);
  const auto look = [&](const at::Tensor& images) {
    if (context.stop()) throw Interrupted("the attack was stopped");
    return row_ascent(victim, images, walk.objective, batch.clean_scores);
  };
  const at::Tensor first = ball.project(start.detach());
  ApgdState state(first, ball, walk.epsilon, look(first));
  std::int64_t last_check = 0;
  const std::vector<std::int64_t> checkpoints = apgd_checkpoints(walk.steps);
  auto checkpoint = checkpoints.begin();
  for (std::int64_t done = 1; done <= walk.steps; ++done) {
    state.take(look(state.step()));
    if (checkpoint == checkpoints.end() || done != *checkpoint) continue;
    state.check(done - last_check, walk.rho);
    last_check = done;
    ++checkpoint;
  }
  return {state.best_images(), state.best_values(), walk.steps + 1, walk.steps + 1};
}

at::Tensor apgd_start(const at::Tensor& clean, const at::Tensor& noise, BallNorm norm,
                      double epsilon) {
  return (clean + epsilon * noise / (row_size(noise, norm) + 1e-12)).clamp(0, 1);
}

at::Tensor apgd_random_start(const AttackBatch& batch, BallNorm norm, double epsilon,
                             const Rng& rng) {
  const at::Tensor noise =
      norm == BallNorm::kLinf ? row_noise(batch, rng, -1, 1) : row_normal_noise(batch, rng);
  return apgd_start(batch.images, noise, norm, epsilon);
}

}  // namespace robiq
