#include "robiq/train/optimizer.h"

#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "robiq/core/error.h"

namespace robiq {

struct Optimizer::Impl {
  OptimizerOptions options;
  std::vector<ParamGroup> groups;
  std::unique_ptr<torch::optim::Optimizer> optimizer;
  std::vector<double> base_rates;
  std::vector<at::Tensor> parameters;  ///< that learn

  [[nodiscard]] double rate(std::size_t group, double factor) const {
    const std::vector<std::string>& constant = options.unscheduled;
    const bool scheduled = std::ranges::find(constant, groups[group].name) == constant.end();
    return base_rates[group] * (scheduled ? factor : 1);
  }
};

namespace {

namespace optim = torch::optim;

template <class Options>
std::vector<optim::OptimizerParamGroup> make_groups(const std::vector<ParamGroup>& groups,
                                                    const std::vector<double>& rates,
                                                    const Options& common) {
  std::vector<optim::OptimizerParamGroup> torch_groups;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto own = std::make_unique<Options>(common);
    own->set_lr(rates[i]);
    torch_groups.emplace_back(groups[i].tensors, std::move(own));
  }
  return torch_groups;
}

std::unique_ptr<optim::Optimizer> make_optimizer(const OptimizerOptions& options,
                                                 const std::vector<ParamGroup>& groups,
                                                 const std::vector<double>& rates) {
  const double rate = options.learning_rate, decay = options.weight_decay;
  if (options.kind == OptimizerKind::kAdam) {
    const auto common = optim::AdamOptions(rate).weight_decay(decay);
    return std::make_unique<optim::Adam>(make_groups(groups, rates, common), common);
  }
  if (options.kind == OptimizerKind::kAdamw) {
    const auto common = optim::AdamWOptions(rate).weight_decay(decay);
    return std::make_unique<optim::AdamW>(make_groups(groups, rates, common), common);
  }
  const auto common = optim::SGDOptions(rate).momentum(0.9).weight_decay(decay);
  return std::make_unique<optim::SGD>(make_groups(groups, rates, common), common);
}

}  // namespace

Optimizer::Optimizer(const OptimizerOptions& options, const std::vector<ParamGroup>& groups)
    : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
  impl_->groups = groups;
  for (const ParamGroup& group : groups) {
    const auto it = options.group_rates.find(group.name);
    const double factor = it == options.group_rates.end() ? 1.0 : it->second;
    impl_->base_rates.push_back(options.learning_rate * factor);
    impl_->parameters.insert(impl_->parameters.end(), group.tensors.begin(), group.tensors.end());
  }
  restart();
}

Optimizer::~Optimizer() = default;

void Optimizer::set_rate_factor(double factor) {
  auto& groups = impl_->optimizer->param_groups();
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups[i].options().set_lr(impl_->rate(i, factor));
}

double Optimizer::first_rate(double factor) const {
  for (std::size_t i = 0; i < impl_->groups.size(); ++i) {
    const std::vector<at::Tensor>& tensors = impl_->groups[i].tensors;
    if (!tensors.empty() && tensors.front().requires_grad()) return impl_->rate(i, factor);
  }
  return 0;
}

void Optimizer::learn_only(const std::vector<std::string>& groups) {
  for (const std::string& name : groups) {
    if (std::ranges::find(impl_->groups, name, &ParamGroup::name) != impl_->groups.end()) continue;
    throw Error(ErrorKind::kInternal, {"no parameter group is called '" + name + "'", "", ""});
  }
  zero_grad();
  impl_->parameters.clear();
  for (const ParamGroup& group : impl_->groups) {
    const bool learns = groups.empty() || std::ranges::find(groups, group.name) != groups.end();
    for (const at::Tensor& tensor : group.tensors) tensor.requires_grad_(learns);
    if (!learns) continue;
    impl_->parameters.insert(impl_->parameters.end(), group.tensors.begin(), group.tensors.end());
  }
}

void Optimizer::restart() {
  impl_->optimizer = make_optimizer(impl_->options, impl_->groups, impl_->base_rates);
}

void Optimizer::zero_grad() {
  for (const ParamGroup& group : impl_->groups) {
    for (const at::Tensor& tensor : group.tensors) tensor.mutable_grad() = at::Tensor();
  }
}

void Optimizer::step() { impl_->optimizer->step(); }

const std::vector<at::Tensor>& Optimizer::parameters() const { return impl_->parameters; }

TensorMap Optimizer::state() const {
  return optimizer_state(impl_->options.kind, *impl_->optimizer, impl_->groups);
}

void Optimizer::load_state(const TensorMap& state) {
  load_optimizer_state(impl_->options.kind, state, *impl_->optimizer, impl_->groups);
}

namespace {

/// From 1 at 0 to 0 at 1.
double half_wave(double done) { return 0.5 * (1 + std::cos(std::numbers::pi * done)); }

}  // namespace

double Schedule::at(const TrainPosition& position) const {
  double rate = 1;
  const std::int64_t epoch = position.step / position.steps_per_epoch;
  const auto part_of_run = [&](std::int64_t step) {
    return std::min(1.0, static_cast<double>(step) / static_cast<double>(position.total_steps));
  };
  if (kind == ScheduleKind::kStep) {
    rate = std::pow(factor, static_cast<double>(epoch / every_epochs));
  } else if (kind == ScheduleKind::kCosine) {
    constexpr double kFloor = 0.01;
    rate = kFloor + (1 - kFloor) * half_wave(part_of_run(position.step));
  } else if (kind == ScheduleKind::kCosineEpochs) {
    rate = half_wave(part_of_run(epoch * position.steps_per_epoch));
  } else if (kind == ScheduleKind::kCosineWave) {
    rate = half_wave(static_cast<double>(position.step) / static_cast<double>(half_wave_steps));
  }
  if (position.step < warmup_steps) {
    rate *= static_cast<double>(position.step + 1) / static_cast<double>(warmup_steps + 1);
  }
  return rate;
}

}  // namespace robiq
