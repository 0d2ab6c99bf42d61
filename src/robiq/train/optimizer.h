#pragma once
#include <torch/optim/optimizer.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "robiq/model/quality_model.h"
#include "robiq/model/recipe.h"
#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// What an optimiser is made of.
struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kAdam;
  double learning_rate = 1e-3;
  std::map<std::string, double> group_rates;  ///< parameter group -> factor; 1 where not named
  double weight_decay = 0;
  std::vector<std::string> unscheduled{};  ///< groups whose rate set_rate_factor() leaves alone
};

/// LibTorch's optimisers behind one face, with a learning rate per parameter group.
class Optimizer {
 public:
  Optimizer(const OptimizerOptions& options, const std::vector<ParamGroup>& groups);
  ~Optimizer();
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Scales every group's rate by the schedule's factor for the coming step, but for those that are
  /// not scheduled.
  void set_rate_factor(double factor);
  /// Rate of the first group that learns, at a factor of the schedule's.
  [[nodiscard]] double first_rate(double factor) const;
  /// From now on these groups learn (all if none is named); the tensors of the others ask for no
  /// gradient and are left as they are, weight decay included. \throws Error{kInternal} for a group
  /// that is not there.
  void learn_only(const std::vector<std::string>& groups);
  /// Forgets moments and step counts.
  void restart();
  void zero_grad();
  void step();
  /// The tensors that learn, in group order.
  [[nodiscard]] const std::vector<at::Tensor>& parameters() const;

  /// Moments and step counts as plain tensors (optimizer_state()), which are shared.
  [[nodiscard]] TensorMap state() const;
  /// \throws Error{kModel} when they are not those of such an optimiser of these parameters
  void load_state(const TensorMap& state);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Where a step stands in a run.
struct TrainPosition {
  std::int64_t step = 0;  ///< optimiser steps done before this one
  std::int64_t steps_per_epoch = 1;
  std::int64_t total_steps = 1;
};

/// Factor on the learning rate, a pure function of the position, so that nothing has to be restored
/// when a run is resumed.
struct Schedule {
  /// cosine: from 1 to 1 % of it over the run; cosine-epochs: the same to 0, from epoch to epoch;
  /// cosine-wave: down to 0 and up again, for ever
  ScheduleKind kind = ScheduleKind::kConstant;
  std::int64_t every_epochs = 10;     ///< step: how often the rate falls
  double factor = 0.1;                ///< step: to what part
  std::int64_t half_wave_steps = 50;  ///< cosine-wave: from 1 to 0
  std::int64_t warmup_steps = 0;      ///< linear rise from 1 / (warmup_steps + 1)

  /// In [0, 1]; 0 only at the bottom of a wave.
  [[nodiscard]] double at(const TrainPosition& position) const;
};

/// What an optimiser of LibTorch remembers, as plain tensors: for parameter P of group G the
/// entries "G.P.step" (int64, a scalar), "G.P.exp_avg" and "G.P.exp_avg_sq" of adam and adamw, or
/// "G.P.momentum_buffer" of sgd. What has not been stepped yet has none. The tensors are shared.
[[nodiscard]] TensorMap optimizer_state(OptimizerKind kind, torch::optim::Optimizer& optimizer,
                                        const std::vector<ParamGroup>& groups);

/// Makes the optimiser remember that and nothing else.
/// \throws Error{kModel}, and nothing has changed, for a name that no parameter has, a missing one,
///         another shape or type than the parameter's, a step count below 1
void load_optimizer_state(OptimizerKind kind, const TensorMap& state,
                          torch::optim::Optimizer& optimizer,
                          const std::vector<ParamGroup>& groups);

}  // namespace robiq
