#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "robiq/model/quality_model.h"

namespace robiq {

/// What an optimiser is made of.
struct OptimizerOptions {
  std::string name = "adam";  ///< adam | adamw | sgd (momentum 0.9): LibTorch's own
  double learning_rate = 1e-3;
  std::map<std::string, double> group_rates;  ///< parameter group -> factor; 1 where not named
  double weight_decay = 0;
};

/// LibTorch's optimisers behind one face, with a learning rate per parameter group.
class Optimizer {
 public:
  /// \throws Error{kUsage} for an unknown name.
  Optimizer(const OptimizerOptions& options, const std::vector<ParamGroup>& groups);
  ~Optimizer();
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Scales every group's rate by the schedule's factor for the coming step.
  void set_rate_factor(double factor);
  void zero_grad();
  void step();
  /// The trained tensors, in group order.
  [[nodiscard]] const std::vector<at::Tensor>& parameters() const;

  /// The state as LibTorch's own archive; opaque, and bound to this version of LibTorch.
  [[nodiscard]] std::string save() const;
  /// \throws Error{kModel} when the bytes are no such archive.
  void load(const std::string& bytes);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace robiq
