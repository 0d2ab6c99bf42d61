#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

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

}  // namespace robiq
