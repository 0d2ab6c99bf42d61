#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>

#include "robiq/core/score_scale.h"
#include "robiq/defense/defense.h"

namespace robiq {

/// How pictures climb the loss that a step trains for.
struct TaskAscent {
  double epsilon = 4.0 / 255;     ///< radius of the l_inf ball, [0,1] units
  double step_size = 5.0 / 255;   ///< of the one step, [0,1] units; APGD chooses its own
  std::int64_t steps = 0;         ///< of APGD; 0: one step along the gradient's sign (FGSM)
  bool around_start = false;      ///< the ball of the one step is around the start, as in the
                                  ///< authors' code: up to 2 epsilon from the picture
  bool in_training_mode = false;  ///< batch statistics and dropout, as the authors' code; running
                                  ///< statistics then move with every pass
};

/// Pictures that raise the task's loss: one step, or APGD (Croce and Hein, ICML 2020, with the
/// loss of the start as its first comparison). For a loss that is a mean over pictures each picture
/// is walked by itself; otherwise the batch is walked as one. The model's mode is put back.
/// \param batch  clean pictures, labels and rows
/// \param start  perturbation to begin with, [N,3,H,W]; undefined: the clean pictures
/// \return [N,3,H,W] in [0,1], detached
[[nodiscard]] at::Tensor ascend_task(QualityModel& model, const StepTask& task,
                                     const TrainBatch& batch, const TaskAscent& ascent,
                                     const at::Tensor& start, const Rng& position);

/// A task's loss at some pictures.
struct TaskGradient {
  at::Tensor gradient;  ///< [N,3,H,W], by the pictures, of the sum of `losses` up to a factor > 0
  at::Tensor losses;  ///< [N], detached: of each picture alone, or N times that of the batch where
                      ///< the loss is no mean over pictures
};

/// The loss and its gradient by the pictures, in the mode that the model is in. In pieces of
/// task.micro_batch: exact for any loss, but for batch statistics, which are those of a piece. A
/// loss that is no mean over pictures is that of this process's rows, and costs a forward pass more
/// in pieces. A NaN in the gradient counts as 0.
/// \param batch  pictures, labels and rows   \param pass  its "dropout" child seeds the masks
[[nodiscard]] TaskGradient task_gradient(QualityModel& model, const StepTask& task,
                                         const TrainBatch& batch, const Rng& pass);

/// How far an attacked picture has lost quality: a share of the scale for each row.
/// \param attacked, clean  [N,3,H,W]   \return [N], 0 for none
using QualityLoss = std::function<at::Tensor(const at::Tensor& attacked, const at::Tensor& clean)>;

/// y_adv = clamp(y - P q (best - worst)) between the scale's ends (Chistyakova et al., Technologies
/// 2024, Algorithm 1). On a scale of difference scores, worst > best, labels rise.
/// \param labels   [N], on the scale   \param loss  q, [N]   \param penalty  P
/// \throws Error{kUsage} for a label outside the scale
[[nodiscard]] at::Tensor lowered_labels(const at::Tensor& labels, const at::Tensor& loss,
                                        double penalty, const ScoreScale& scale);

/// Reads "WORST:BEST". \throws Error{kUsage} for anything else, and for equal ends
[[nodiscard]] ScoreScale parse_label_range(const std::string& text);

}  // namespace robiq
