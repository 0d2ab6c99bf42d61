#pragma once
#include "robiq/defense/defense.h"
#include "robiq/dist/process_group.h"
#include "robiq/train/loss.h"
#include "robiq/train/optimizer.h"
#include "robiq/train/step_options.h"

namespace robiq {

/// What one step works with; all must outlive it.
struct StepParts {
  QualityModel& model;
  const Loss& loss;
  Defense& defense;
  Optimizer& optimizer;
  StepOptions options{};
  /// Each process has its rows of the batch; they make one step together. Null: this one is alone.
  const ProcessGroup* group = nullptr;
};

/// Means of one step, over the pictures of all processes.
struct StepResult {
  double loss = 0, penalty = 0, gradient_norm = 0;
  std::int64_t pieces = 1;  ///< that the batch was taken in
  bool unit = false;        ///< by the unit scheme
};

/// Before a run: \throws Error{kUsage} for options that no step could be taken with: scheme=unit
/// for a penalty that has no two points, or for pictures that batch statistics tie together; steps
/// of one picture for a penalty that measures by the batch's scores.
void check_step_options(const StepOptions& options, const QualityModel& model, Defense& defense,
                        std::int64_t batch_size);

/// One optimiser step: forward, the defense's penalty, backward through the sum, update. The
/// gradient by the pictures is asked for only where the defense needs it. A loss that is no mean
/// over pictures, or a defense that wants the scores of the whole batch, costs a forward pass more
/// when the batch is taken in pieces: their scores are gathered first, and the gradient stays that
/// of the whole.
/// \param step  the position that seeds dropout
/// \throws Error{kNumeric} when the loss is not finite; the model is then unchanged. Error{kUsage}
///         for scheme=unit where it is not exact.
StepResult train_step(const StepParts& parts, TrainBatch batch, const Rng& step);

}  // namespace robiq
