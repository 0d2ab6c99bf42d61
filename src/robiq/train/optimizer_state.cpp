#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

#include <cstdint>
#include <memory>
#include <sstream>
#include <type_traits>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/train/optimizer.h"

namespace robiq {
namespace {

namespace optim = torch::optim;
using States = std::decay_t<decltype(std::declval<optim::Optimizer&>().state())>;
using StatePtr = std::unique_ptr<optim::OptimizerParamState>;

/// LibTorch keys its states by the parameter's address, as a text before version 2.
template <class Key = States::key_type>
Key key_of(const at::Tensor& parameter) {
  if constexpr (std::is_same_v<Key, std::string>) {
    std::ostringstream address;
    address << static_cast<const void*>(parameter.unsafeGetTensorImpl());
    return address.str();
  } else {
    return parameter.unsafeGetTensorImpl();
  }
}

[[noreturn]] void refuse_state(const std::string& what) {
  throw Error(ErrorKind::kModel, {"the state of the optimizer cannot be used: " + what,
                                  "optimizer.safetensors", "start the run anew"});
}

/// The entries of one parameter, taken out of a state one by one.
class Entries {
 public:
  Entries(TensorMap& state, std::string place, const at::Tensor& parameter)
      : state_(state), place_(std::move(place)), parameter_(parameter) {}

  [[nodiscard]] bool any(const char* entry) const { return state_.contains(place_ + entry); }

  /// As large as the parameter, on its device; the state's own bytes are not shared.
  at::Tensor moment(const char* entry) {
    const at::Tensor found = take(entry);
    if (found.sizes() != parameter_.sizes() || found.scalar_type() != parameter_.scalar_type()) {
      refuse_state(place_ + entry + " has another shape or type than its parameter");
    }
    return found.to(parameter_.device(), /*non_blocking=*/false, /*copy=*/true);
  }
  std::int64_t count(const char* entry) {
    const at::Tensor found = take(entry);
    if (found.dim() != 0 || found.scalar_type() != at::kLong || found.item<std::int64_t>() < 1) {
      refuse_state(place_ + entry + " is not a count of steps");
    }
    return found.item<std::int64_t>();
  }

 private:
  at::Tensor take(const char* entry) {
    const auto found = state_.find(place_ + entry);
    if (found == state_.end()) refuse_state(place_ + entry + " is missing");
    at::Tensor tensor = found->second;
    state_.erase(found);
    return tensor;
  }

  TensorMap& state_;
  std::string place_;
  const at::Tensor& parameter_;
};

template <class State>
StatePtr adam_state(Entries& entries) {
  auto state = std::make_unique<State>();
  state->step(entries.count("step"));
  state->exp_avg(entries.moment("exp_avg"));
  state->exp_avg_sq(entries.moment("exp_avg_sq"));
  return state;
}

StatePtr sgd_state(Entries& entries) {
  auto state = std::make_unique<optim::SGDParamState>();
  state->momentum_buffer(entries.moment("momentum_buffer"));
  return state;
}

template <class State>
void add_adam(const optim::OptimizerParamState& any, const std::string& place, TensorMap& into) {
  const auto& state = static_cast<const State&>(any);
  into[place + "step"] = at::scalar_tensor(state.step(), at::kLong);
  into[place + "exp_avg"] = state.exp_avg();
  into[place + "exp_avg_sq"] = state.exp_avg_sq();
}

void add_sgd(const optim::OptimizerParamState& any, const std::string& place, TensorMap& into) {
  const at::Tensor& buffer = static_cast<const optim::SGDParamState&>(any).momentum_buffer();
  if (buffer.defined()) into[place + "momentum_buffer"] = buffer;
}

/// How one kind of optimiser is taken apart and put together.
struct Handling {
  const char* first;  ///< an entry that a parameter with a state has
  StatePtr (*made_of)(Entries&);
  void (*add)(const optim::OptimizerParamState&, const std::string& place, TensorMap&);
};

Handling handling_of(OptimizerKind kind) {
  if (kind == OptimizerKind::kAdam) {
    return {"step", adam_state<optim::AdamParamState>, add_adam<optim::AdamParamState>};
  }
  if (kind == OptimizerKind::kAdamw) {
    return {"step", adam_state<optim::AdamWParamState>, add_adam<optim::AdamWParamState>};
  }
  return {"momentum_buffer", sgd_state, add_sgd};
}

/// Calls visit("G.P.", parameter) for every parameter.
template <class Visit>
void for_each_parameter(const std::vector<ParamGroup>& groups, const Visit& visit) {
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (std::size_t i = 0; i < groups[group].tensors.size(); ++i) {
      visit(fmt::format("{}.{}.", group, i), groups[group].tensors[i]);
    }
  }
}

}  // namespace

TensorMap optimizer_state(OptimizerKind kind, optim::Optimizer& optimizer,
                          const std::vector<ParamGroup>& groups) {
  const Handling handling = handling_of(kind);
  TensorMap state;
  for_each_parameter(groups, [&](const std::string& place, const at::Tensor& parameter) {
    const auto found = optimizer.state().find(key_of(parameter));
    if (found != optimizer.state().end()) handling.add(*found->second, place, state);
  });
  return state;
}

void load_optimizer_state(OptimizerKind kind, const TensorMap& state, optim::Optimizer& optimizer,
                          const std::vector<ParamGroup>& groups) {
  const Handling handling = handling_of(kind);
  TensorMap rest = state;
  States states;
  for_each_parameter(groups, [&](const std::string& place, const at::Tensor& parameter) {
    Entries entries(rest, place, parameter);
    if (entries.any(handling.first)) states[key_of(parameter)] = handling.made_of(entries);
  });
  if (!rest.empty()) refuse_state("it holds '" + rest.begin()->first + "', which no parameter has");
  optimizer.state() = std::move(states);
}

}  // namespace robiq
