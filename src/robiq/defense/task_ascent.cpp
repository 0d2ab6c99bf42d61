#include "robiq/defense/task_ascent.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "robiq/attack/norm_ball.h"
#include "robiq/model/running_statistics.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace {

constexpr double kMomentum = 0.75, kLeastIncreases = 0.75;

/// Evaluation mode for the life of the guard, where it is wanted.
class ScopedAttackMode {
 public:
  ScopedAttackMode(QualityModel& model, const StepTask& task, bool in_training_mode)
      : model_(model),
        running_statistics_(task.running_statistics),
        switched_(!in_training_mode && model.training()) {
    if (switched_) model_.set_training(false);
  }
  ~ScopedAttackMode() {
    if (!switched_) return;
    model_.set_training(true);
    if (running_statistics_) model_.set_batch_statistics(false);
  }
  ScopedAttackMode(const ScopedAttackMode&) = delete;
  ScopedAttackMode& operator=(const ScopedAttackMode&) = delete;

 private:
  QualityModel& model_;
  bool running_statistics_, switched_;
};

/// APGD with a state of its own for every row.
class TaskApgd {
 public:
  TaskApgd(QualityModel& model, const StepTask& task, const TrainBatch& batch,
           const TaskAscent& ascent, const Rng& position)
      : model_(model),
        task_(task),
        batch_(batch),
        position_(position),
        steps_(ascent.steps),
        ball_(batch.images, ascent.epsilon) {
    step_size_ = at::full({batch.images.size(0), 1, 1, 1}, 2 * ascent.epsilon,
                          batch.images.options().requires_grad(false));
  }

  at::Tensor run(const at::Tensor& start) {
    images_ = previous_ = best_ = start;
    TaskGradient here = evaluate(images_, 0);
    gradient_ = best_gradient_ = here.gradient;
    losses_ = best_losses_ = checkpoint_losses_ = here.losses;
    increases_ = at::zeros_like(losses_);
    reduced_ = at::ones_like(losses_, at::kBool);
    std::int64_t interval = std::max<std::int64_t>(22 * steps_ / 100, 1), since = 0;
    for (std::int64_t k = 0; k < steps_; ++k) {
      move(k == 0 ? 1 : kMomentum);
      look(evaluate(images_, k + 1));
      if (++since < interval) continue;
      check(since);
      since = 0;
      interval = std::max(interval - std::max<std::int64_t>(3 * steps_ / 100, 1),
                          std::max<std::int64_t>(6 * steps_ / 100, 1));
    }
    return best_;
  }

 private:
  [[nodiscard]] TaskGradient evaluate(const at::Tensor& images, std::int64_t k) const {
    TrainBatch here = batch_;
    here.images = images;
    return task_gradient(model_, task_, here,
                         position_.child("pass").child(static_cast<std::uint64_t>(k)));
  }
  static at::Tensor wide(const at::Tensor& rows) { return rows.view({-1, 1, 1, 1}); }

  void move(double momentum) {
    const at::Tensor ahead = ball_.project(images_ + step_size_ * gradient_.sign());
    const at::Tensor next = ball_.project(images_ + momentum * (ahead - images_) +
                                          (1 - momentum) * (images_ - previous_));
    previous_ = images_;
    images_ = next;
  }
  void look(const TaskGradient& here) {
    increases_ = increases_ + (here.losses > losses_);
    losses_ = here.losses;
    gradient_ = here.gradient;
    const at::Tensor better = losses_ > best_losses_;
    best_ = at::where(wide(better), images_, best_);
    best_gradient_ = at::where(wide(better), gradient_, best_gradient_);
    best_losses_ = at::where(better, losses_, best_losses_);
  }
  /// Halves the step of the rows that oscillate, or have stood still since the last checkpoint,
  /// and sends them back to their best pictures.
  void check(std::int64_t interval) {
    const at::Tensor oscillates = increases_ <= kLeastIncreases * static_cast<double>(interval);
    const at::Tensor stands =
        at::logical_and(at::logical_not(reduced_), best_losses_ <= checkpoint_losses_);
    reduced_ = at::logical_or(oscillates, stands);
    step_size_ = at::where(wide(reduced_), step_size_ / 2, step_size_);
    images_ = at::where(wide(reduced_), best_, images_);
    gradient_ = at::where(wide(reduced_), best_gradient_, gradient_);
    checkpoint_losses_ = best_losses_;
    increases_ = at::zeros_like(increases_);
  }

  QualityModel& model_;
  const StepTask& task_;
  const TrainBatch& batch_;
  Rng position_;
  std::int64_t steps_;
  LinfBall ball_;
  at::Tensor step_size_;  ///< [N,1,1,1]
  at::Tensor images_, previous_, gradient_, best_, best_gradient_;
  at::Tensor losses_, best_losses_, checkpoint_losses_, increases_, reduced_;  ///< [N]
};

at::Tensor one_step(QualityModel& model, const StepTask& task, const TrainBatch& batch,
                    const TaskAscent& ascent, const at::Tensor& start, const Rng& position) {
  TrainBatch from = batch;
  from.images = start;
  const at::Tensor sign =
      task_gradient(model, task, from, position.child("pass").child(0)).gradient.sign_();
  const at::Tensor moved = start + ascent.step_size * sign;
  if (!ascent.around_start) return LinfBall(batch.images, ascent.epsilon).project(moved);
  return at::minimum(at::maximum(moved, start - ascent.epsilon), start + ascent.epsilon)
      .clamp_(0, 1);
}

}  // namespace

at::Tensor ascend_task(QualityModel& model, const StepTask& task, const TrainBatch& batch,
                       const TaskAscent& ascent, const at::Tensor& start, const Rng& position) {
  const at::AutoGradMode gradients(true);
  const ScopedAttackMode mode(model, task, ascent.in_training_mode);
  TrainBatch clean = batch;
  clean.images = batch.images.detach();
  const at::Tensor begin = start.defined() ? (clean.images + start).detach() : clean.images;
  if (ascent.steps == 0) return one_step(model, task, clean, ascent, begin, position).detach();
  const LinfBall ball(clean.images, ascent.epsilon);
  return TaskApgd(model, task, clean, ascent, position).run(ball.project(begin)).detach();
}

namespace {

/// Works through a batch in pieces.
class TaskPasses {
 public:
  TaskPasses(QualityModel& model, const StepTask& task, const TrainBatch& batch, const Rng& pass)
      : model_(model),
        task_(task),
        batch_(batch),
        pass_(pass),
        count_(batch.images.size(0)),
        pieces_(batch_pieces(count_, task.micro_batch > 0 ? task.micro_batch : count_,
                             task.least_rows)) {}

  TaskGradient run() {
    if (!task_.is_mean_over_pictures && pieces_.size() > 1) look_ahead();
    std::vector<at::Tensor> gradients, losses;
    for (const auto& [first, count] : pieces_) {
      const at::Tensor leaf =
          batch_.images.detach().narrow(0, first, count).clone().requires_grad_(true);
      const at::Tensor outputs = outputs_of(leaf, first);
      gradients.push_back(gradient_by(leaf, outputs, first));
      losses.push_back(losses_of(outputs.detach(), first));
    }
    return {at::cat(gradients).nan_to_num_(0, 1, -1), at::cat(losses)};
  }

 private:
  [[nodiscard]] at::Tensor outputs_of(const at::Tensor& images, std::int64_t first) const {
    const std::int64_t all = batch_.rows_of_all > 0 ? batch_.rows_of_all : count_;
    const ScopedBatchRows masks(batch_.first_row + first, all);
    seed_torch_globals(pass_.child("dropout"));
    return model_.training_outputs(images);
  }
  [[nodiscard]] at::Tensor labels(std::int64_t first, std::int64_t count) const {
    return batch_.mos.narrow(0, first, count);
  }

  /// The slopes by the outputs of the whole batch.
  void look_ahead() {
    std::vector<at::Tensor> outputs;
    {
      const at::NoGradGuard no_grad;
      const ScopedRunningStatistics kept(model_);
      for (const auto& [first, count] : pieces_) {
        outputs.push_back(outputs_of(batch_.images.detach().narrow(0, first, count), first));
      }
    }
    const at::Tensor leaf = at::cat(outputs).requires_grad_(true);
    whole_ = task_.loss(leaf, batch_.mos);
    slopes_ = torch::autograd::grad({whole_}, {leaf})[0];
    whole_ = whole_.detach();
  }

  at::Tensor gradient_by(const at::Tensor& leaf, const at::Tensor& outputs, std::int64_t first) {
    const std::int64_t count = outputs.size(0);
    if (slopes_.defined()) {
      return torch::autograd::grad({outputs}, {leaf}, {slopes_.narrow(0, first, count)})[0];
    }
    const at::Tensor value = task_.loss(outputs, labels(first, count));
    if (!task_.is_mean_over_pictures) whole_ = value.detach();
    return torch::autograd::grad({value}, {leaf})[0] * static_cast<double>(count);
  }

  [[nodiscard]] at::Tensor losses_of(const at::Tensor& outputs, std::int64_t first) const {
    const at::NoGradGuard no_grad;
    const std::int64_t count = outputs.size(0);
    if (!task_.is_mean_over_pictures) {
      return (whole_ * static_cast<double>(count_)).expand({count}).clone();
    }
    std::vector<at::Tensor> losses;
    for (std::int64_t i = 0; i < count; ++i) {
      losses.push_back(task_.loss(outputs.narrow(0, i, 1), labels(first + i, 1)));
    }
    return at::stack(losses);
  }

  QualityModel& model_;
  const StepTask& task_;
  const TrainBatch& batch_;
  Rng pass_;
  std::int64_t count_;  ///< rows
  std::vector<BatchPiece> pieces_;
  at::Tensor slopes_, whole_;  ///< where the loss is no mean over pictures
};

}  // namespace

TaskGradient task_gradient(QualityModel& model, const StepTask& task, const TrainBatch& batch,
                           const Rng& pass) {
  return TaskPasses(model, task, batch, pass).run();
}

}  // namespace robiq
