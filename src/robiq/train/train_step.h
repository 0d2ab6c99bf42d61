#pragma once
#include "robiq/defense/defense.h"
#include "robiq/tensor/process_group.h"
#include "robiq/train/loss.h"
#include "robiq/train/optimizer.h"

namespace robiq {

/// What one step works with; all must outlive it.
struct StepParts {
  QualityModel& model;
  const Loss& loss;
  Defense& defense;
  Optimizer& optimizer;
  /// Each process has its rows of the batch; they make one step together. Null: this one is alone.
  const ProcessGroup* group = nullptr;
};

/// Means of one step, over the pictures of all processes.
struct StepResult {
  double loss = 0, penalty = 0, gradient_norm = 0;
};

/// One optimiser step: forward, the defense's penalty, backward through the sum, update. The
/// gradient by the pictures is not asked for in the last backward pass.
/// \param step  the position that seeds dropout
/// \throws Error{kNumeric} when the loss is not finite; the model is then unchanged.
StepResult train_step(const StepParts& parts, TrainBatch batch, const Rng& step);

}  // namespace robiq
