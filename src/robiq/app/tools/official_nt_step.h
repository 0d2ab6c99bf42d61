#pragma once
#include "robiq/defense/defense.h"
#include "robiq/train/loss.h"

namespace robiq {

/// The NT term of a step that is taken as the authors' code takes it.
struct OfficialNt {
  double weight = 1e-3, step = 1e-2;  ///< lambda, and h after the model's normalisation
  bool square = true;                 ///< mean(slope^2)/2, else mean|slope|
};

/// Adds the gradient of task + weight * NT to the parameters' gradients in three forward passes:
/// one for the task, one for f(x) with its gradient, one for f(x + h d), and one backward pass
/// through all three, that by the pictures included. What robiq's own step is measured against and
/// checked with; nothing else uses it. Running statistics are updated by every pass.
/// \param position  its "dropout" child seeds every pass, so that the masks agree
/// \return the loss
double official_nt_gradients(QualityModel& model, const Loss& loss, const TrainBatch& batch,
                             const OfficialNt& nt, const Rng& position);

}  // namespace robiq
