#include "robiq/defense/task_gradient.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "robiq/model/running_statistics.h"
#include "robiq/tensor/random.h"
#include "robiq/tensor/row_dropout.h"

namespace robiq {
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
        size_(task.micro_batch > 0 ? std::min(task.micro_batch, count_) : count_) {}

  TaskGradient run() {
    if (!task_.is_mean_over_pictures && size_ < count_) look_ahead();
    std::vector<at::Tensor> gradients, losses;
    for (std::int64_t first = 0; first < count_; first += size_) {
      const std::int64_t count = std::min(size_, count_ - first);
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
      for (std::int64_t first = 0; first < count_; first += size_) {
        const std::int64_t count = std::min(size_, count_ - first);
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
  std::int64_t count_, size_;  ///< rows, and rows of a piece
  at::Tensor slopes_, whole_;  ///< where the loss is no mean over pictures
};

}  // namespace

TaskGradient task_gradient(QualityModel& model, const StepTask& task, const TrainBatch& batch,
                           const Rng& pass) {
  return TaskPasses(model, task, batch, pass).run();
}

}  // namespace robiq
