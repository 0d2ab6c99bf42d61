#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "robiq/model/quality_model.h"
#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// What an optimiser is made of.
struct OptimizerOptions {
  std::string name = "adam";  ///< adam | adamw | sgd (momentum 0.9): LibTorch's own
  double learning_rate = 1e-3;
  std::map<std::string, double> group_rates;  ///< parameter group -> factor; 1 where not named
  double weight_decay = 0;
  std::vector<std::string> unscheduled{};  ///< groups whose rate set_rate_factor() leaves alone
};

/// LibTorch's optimisers behind one face, with a learning rate per parameter group.
class Optimizer {
 public:
  /// \throws Error{kUsage} for an unknown name.
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

  /// Moments and step counts as plain tensors (train/optimizer_state.h), which are shared.
  [[nodiscard]] TensorMap state() const;
  /// \throws Error{kModel} when they are not those of such an optimiser of these parameters
  void load_state(const TensorMap& state);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace robiq
