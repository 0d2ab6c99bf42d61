#pragma once
#include <ATen/core/Tensor.h>

#include "robiq/defense/defense.h"

namespace robiq {

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

}  // namespace robiq
