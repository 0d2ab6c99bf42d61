#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/defense/defense.h"
#include "robiq/model/quality_model.h"
#include "robiq/train/loss.h"

namespace robiq {

/// What the benches share.

/// The middle of the values, or the mean of the two middle ones; there must be one.
[[nodiscard]] double median(std::vector<double> values);

/// Wall time of `work`.
[[nodiscard]] double seconds_of(const std::function<void()>& work);

/// A model with weights that depend on `rng` alone. \param spec  NAME:key=value
[[nodiscard]] std::unique_ptr<QualityModel> random_model(const std::string& spec, const Rng& rng,
                                                         c10::Device device);

/// \throws Interrupted when the user stops the program.
void throw_if_bench_stopped();

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
