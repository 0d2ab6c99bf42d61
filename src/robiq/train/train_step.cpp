#include "robiq/train/train_step.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

#include "robiq/core/error.h"
#include "robiq/defense/two_point_penalty.h"
#include "robiq/model/running_statistics.h"
#include "robiq/tensor/compat.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/random.h"
#include "robiq/train/group_step.h"
#include "robiq/train/task_shares.h"

namespace robiq {
namespace {

/// How many of `count` pictures are taken at once.
std::int64_t piece_size(const StepOptions& options, const QualityModel& model, Defense& defense,
                        std::int64_t count) {
  const std::int64_t asked = options.micro_batch;
  const std::int64_t size = asked > 0 ? std::min(asked, count) : count;
  if (options.scheme != StepScheme::kUnit) return size;
  TwoPointPenalty* const two_points = defense.two_points();
  if (two_points == nullptr) {
    throw Error(ErrorKind::kUsage,
                {"this penalty cannot be taken by unit backward passes", "scheme=unit",
                 "use the forms square or abs, or scheme=shared"});
  }
  if (size == 1 || !two_points->couples_pictures(model)) return 1;
  throw Error(ErrorKind::kUsage,
              {"unit backward passes take one picture at a time, and batch normalisation by the "
               "batch's statistics ties the pictures together",
               "scheme=unit",
               "freeze the statistics (batchnorm=frozen), take micro-batches of 1, or use "
               "scheme=shared"});
}

/// Some of this process's pictures of a batch.
struct Piece {
  TrainBatch batch;
  std::int64_t first;  ///< of this process's rows
};

/// Whether something must see the scores of the whole batch, all pieces and processes together.
bool needs_whole_batch(const StepParts& parts) {
  return !parts.loss.is_mean_over_pictures() || parts.defense.needs_batch_scores();
}

StepTask task_of(const StepParts& parts) {
  return {[&loss = parts.loss](const at::Tensor& outputs, const at::Tensor& mos) {
            return loss.value(outputs, mos);
          },
          parts.loss.is_mean_over_pictures(), parts.options.micro_batch,
          parts.options.running_statistics || parts.defense.freezes_statistics(),
          parts.options.least_rows};
}

/// The result and the gradients of all processes, and the update that each of them makes.
StepResult finished(const StepParts& parts, StepResult result) {
  if (parts.group != nullptr) {
    sum_over_processes(*parts.group, parts.optimizer.parameters(),
                       {&result.loss, &result.penalty, &result.gradient_norm});
  }
  parts.optimizer.step();
  if (parts.group != nullptr) broadcast_running_statistics(*parts.group, parts.model);
  return result;
}

/// The step of a process that has no row of a small last batch.
StepResult step_without_rows(const StepParts& parts) {
  if (needs_whole_batch(parts)) skip_whole_batch(*parts.group);
  parts.optimizer.zero_grad();
  return finished(parts, {});
}

/// One step under way.
class Step {
 public:
  /// \param batch  as the defense has prepared it
  Step(const StepParts& parts, const TrainBatch& batch, const Rng& position);
  StepResult run();

 private:
  void cut(const TrainBatch& batch);
  /// Scores of all pieces, where something needs them before the first one.
  void look_ahead();
  /// Shows the scores of this process's rows, and through the group those of all.
  void see(const at::Tensor& outputs);
  [[nodiscard]] at::Tensor outputs_of(const Piece& piece);
  void add(const Piece& piece);
  [[nodiscard]] bool by_unit_backward(const Piece& piece, const at::Tensor& outputs) const;
  void add_shared(const Piece& piece, const at::Tensor& outputs);
  void add_unit(const Piece& piece, const at::Tensor& outputs);
  /// Task and penalty of a piece, weighted by its share, and into the result.
  at::Tensor objective(const Piece& piece, const at::Tensor& outputs, const Penalty& penalty);

  const StepParts& parts_;
  Rng position_;                  ///< its "dropout" child seeds the masks
  std::int64_t count_;            ///< rows of this process
  std::int64_t first_row_, all_;  ///< its first among the rows of all
  at::Tensor mos_;
  TwoPointPenalty* two_points_;
  TaskShares task_;
  std::vector<Piece> pieces_;
  std::vector<at::Tensor> trained_;
  StepResult result_;
};

Step::Step(const StepParts& parts, const TrainBatch& batch, const Rng& position)
    : parts_(parts),
      position_(position),
      count_(batch.images.size(0)),
      first_row_(batch.first_row),
      all_(batch.rows_of_all > 0 ? batch.rows_of_all : count_),
      mos_(batch.mos),
      two_points_(parts.defense.two_points()),
      task_(parts.loss, mos_, all_) {
  cut(batch);
  for (const at::Tensor& parameter : parts.optimizer.parameters()) {
    if (parameter.requires_grad()) trained_.push_back(parameter);
  }
}

void Step::cut(const TrainBatch& batch) {
  const std::int64_t size = piece_size(parts_.options, parts_.model, parts_.defense, count_);
  for (const auto& [first, count] : batch_pieces(count_, size, parts_.options.least_rows)) {
    const at::Tensor images = batch.images.detach().narrow(0, first, count);
    pieces_.push_back({{images, batch.mos.narrow(0, first, count)}, first});
  }
  result_.pieces = std::ssize(pieces_);
}

at::Tensor Step::outputs_of(const Piece& piece) {
  seed_torch_globals(position_.child("dropout"));
  return parts_.model.training_outputs(piece.batch.images);
}

void Step::see(const at::Tensor& outputs) {
  const WholeBatch whole = whole_batch(parts_.group, outputs, mos_);
  if (parts_.defense.needs_batch_scores()) {
    parts_.defense.see_batch(whole.outputs.select(1, 0), whole.mos);
  }
  const at::AutoGradMode gradients(true);
  const bool plain = pieces_.size() == 1 && parts_.group == nullptr;
  if (!plain && !parts_.loss.is_mean_over_pictures()) task_.see(whole, first_row_);
}

void Step::look_ahead() {
  if (pieces_.size() == 1 || !needs_whole_batch(parts_)) return;
  const at::NoGradGuard no_grad;
  const ScopedRunningStatistics kept(parts_.model);
  std::vector<at::Tensor> outputs;
  for (const Piece& piece : pieces_) {
    const ScopedBatchRows masks(first_row_ + piece.first, all_);
    outputs.push_back(outputs_of(piece));
  }
  see(at::cat(outputs));
}

/// Takes the gradients away from the tensors.
std::vector<at::Tensor> taken_gradients(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& tensor : tensors) {
    gradients.push_back(std::move(tensor.mutable_grad()));
    tensor.mutable_grad() = at::Tensor();
  }
  return gradients;
}

/// gradient = factor * gradient + earlier, for every tensor.
void scale_and_add(const std::vector<at::Tensor>& tensors, double factor,
                   const std::vector<at::Tensor>& earlier) {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    at::Tensor& gradient = tensors[i].mutable_grad();
    if (!gradient.defined()) {
      gradient = earlier[i];
    } else if (!earlier[i].defined()) {
      gradient.mul_(factor);
    } else {
      earlier[i].add_(gradient, factor);
      gradient = earlier[i];
    }
  }
}

at::Tensor Step::objective(const Piece& piece, const at::Tensor& outputs, const Penalty& penalty) {
  const double part = static_cast<double>(outputs.size(0)) / static_cast<double>(all_);
  at::Tensor total = task_.share(outputs, piece.first);
  const double task = total.item<double>();
  double added = 0;
  if (penalty.value.defined()) {
    const at::Tensor weighted = part == 1 ? penalty.value : penalty.value * part;
    added = weighted.item<double>();
    total = total + weighted;
  }
  if (!std::isfinite(task + added)) {
    throw Error(ErrorKind::kNumeric,
                {fmt::format("the loss is {} and the penalty {}", task, added), "",
                 "lower the learning rate or the weight of the defense, or "
                 "check the weights that the training began with"});
  }
  result_.loss += task;
  result_.penalty += added;
  if (penalty.gradient_norms.defined()) {
    result_.gradient_norm += part * penalty.gradient_norms.abs().mean().item<double>();
  }
  return total;
}

bool Step::by_unit_backward(const Piece& piece, const at::Tensor& outputs) const {
  const StepScheme scheme = parts_.options.scheme;
  if (scheme == StepScheme::kShared || two_points_ == nullptr || piece.batch.images.size(0) > 1)
    return false;
  if (outputs.size(1) == 1) return true;
  if (scheme != StepScheme::kUnit) return false;
  throw Error(ErrorKind::kUsage,
              {fmt::format("a model with {} training outputs cannot be taken by unit backward "
                           "passes",
                           outputs.size(1)),
               "scheme=unit", "use scheme=shared"});
}

void Step::add_shared(const Piece& piece, const at::Tensor& outputs) {
  const at::Tensor scores = outputs.select(1, 0);
  const Penalty penalty = parts_.defense.penalty(parts_.model, piece.batch, scores, position_);
  const at::Tensor total = objective(piece, outputs, penalty);
  torch::autograd::backward({total}, {}, compat::kNoOption, false, trained_);
}

void Step::add_unit(const Piece& piece, const at::Tensor& outputs) {
  // Set aside: only what this piece adds is scaled.
  const std::vector<at::Tensor> earlier = taken_gradients(trained_);
  std::vector<at::Tensor> wanted = trained_;
  wanted.push_back(piece.batch.images);
  torch::autograd::backward({outputs.sum()}, {}, compat::kNoOption, false, wanted);
  const at::Tensor gradient = taken_gradients({piece.batch.images}).front();
  const at::Tensor points =
      two_points_->other_points(parts_.model, piece.batch.images.detach(), gradient);
  const at::Tensor other = two_points_->other_scores(parts_.model, points, position_);
  // The objective as a function of the two scores, which says how each pass is to be weighted.
  const at::Tensor score = outputs.detach().requires_grad_(true);
  const at::Tensor other_score = other.detach().requires_grad_(true);
  const Penalty penalty = two_points_->of_scores(score.select(1, 0), other_score);
  const at::Tensor total = objective(piece, score, penalty);
  const auto slopes = torch::autograd::grad({total}, {score, other_score});
  scale_and_add(trained_, slopes[0].item<double>(), earlier);
  torch::autograd::backward({other}, {slopes[1]}, compat::kNoOption, false, trained_);
  result_.unit = true;
}

void Step::add(const Piece& piece) {
  const ScopedBatchRows masks(first_row_ + piece.first, all_);
  parts_.defense.before_pass(parts_.model);
  piece.batch.images.requires_grad_(parts_.defense.needs_image_gradient());
  const at::Tensor outputs = outputs_of(piece);
  if (pieces_.size() == 1 && needs_whole_batch(parts_)) see(outputs.detach());
  if (by_unit_backward(piece, outputs)) {
    add_unit(piece, outputs);
  } else {
    add_shared(piece, outputs);
  }
}

StepResult Step::run() {
  parts_.optimizer.zero_grad();
  look_ahead();
  for (const Piece& piece : pieces_) add(piece);
  return finished(parts_, result_);
}

}  // namespace

void check_step_options(const StepOptions& options, const QualityModel& model, Defense& defense,
                        std::int64_t batch_size) {
  static_cast<void>(piece_size(options, model, defense, batch_size));
  if (batch_size > 1 || !defense.needs_batch_scores()) return;
  throw Error(
      ErrorKind::kUsage,
      {"scale=label needs the spread of the scores in a batch, and a batch of one picture has none",
       "scale=label",
       "take at least 2 pictures a batch (--batch-size), or scale=raw (--nt-scale raw)"});
}

StepResult train_step(const StepParts& parts, TrainBatch batch, const Rng& step) {
  if (parts.group != nullptr && batch.images.size(0) == 0) return step_without_rows(parts);
  parts.defense.see_task(task_of(parts));
  return Step(parts, parts.defense.begin_step(parts.model, std::move(batch), step), step).run();
}

}  // namespace robiq
