#include "robiq/app/check/model_promises.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <new>

#include "robiq/app/check/promise_checks.h"
#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/model/script/script_file.h"
#include "robiq/tensor/device.h"

namespace robiq {
namespace {

using promise::Finding;
using promise::not_checked;
using promise::Probe;
using State = PromiseResult::State;

struct Check {
  const char* promise;
  const char* needed_for;
  Finding (*look)(Probe&);
  State if_it_throws;
  const char* hint;              ///< to who exported a TorchScript file
  const char* python_hint = "";  ///< to who wraps a Python callable; "": the same
};

constexpr const char* kScoring = "scoring";
constexpr const char* kAttacks = "attacks and NT";
constexpr const char* kDifferentiable =
    "use differentiable operations from the picture to the score: no argmax, round, detach, "
    "no_grad or conversion to whole numbers";

const Check kChecks[] = {
    {"scores a float picture in [0,1]", kScoring, promise::scores_a_picture, State::kBroken,
     "fix what the module complains of, and export it on the CPU",
     "correct what the module complains of"},
    {"does not write to its input", kScoring, promise::leaves_its_input, State::kBroken,
     "write x = x - mean, not x -= mean"},
    {"takes any number of pictures", kScoring, promise::takes_any_number, State::kBroken,
     "script it instead of tracing it, or trace x.flatten(1), not x.view(1, -1); with batch=1 "
     "torchscript gives it one picture at a time",
     "write x.flatten(1), not x.view(1, -1)"},
    {"its scores are finite", kScoring, promise::is_finite, State::kBroken,
     "look for a division by zero, or a root or logarithm of what may be 0 or less"},
    {"scores the same every time", kScoring, promise::scores_the_same_again, State::kBroken,
     "call model.eval() before exporting, and draw nothing at random in evaluation mode",
     "draw nothing at random in evaluation mode"},
    {"scores each picture by itself", kScoring, promise::scores_each_by_itself, State::kBroken,
     "call model.eval() before exporting, and average over no batch",
     "average over no batch in evaluation mode"},
    {"has a gradient by the picture", kAttacks, promise::has_gradient, State::kBroken,
     kDifferentiable},
    {"its gradient agrees with finite differences", kAttacks, promise::agrees_with_differences,
     State::kBroken, kDifferentiable},
    {"can be differentiated twice", "nt-form exact", promise::can_be_differentiated_twice,
     State::kNote, "use nt-form square or abs, which need one derivative"},
    {"its scores lie inside its scale", "", promise::keeps_inside_its_scale, State::kNote,
     "give --scale WORST:BEST, or torchscript:FILE,worst=...,best=...",
     "give wrap() or Model.load() scale=(worst, best)"},
    {"takes pictures of other sizes", "", promise::takes_other_sizes, State::kNote,
     "give torchscript its size=N, so that pictures are cut into crops of that size",
     "give wrap() views=(side, rows, columns) or resize=(height, width)"},
    {"has parameters to train", "training", promise::has_parameters, State::kNote,
     "export it without torch.jit.freeze and without requires_grad_(False)",
     "wrap a torch.nn.Module whose parameters require a gradient"},
    {"has a training mode", "training", promise::has_training_mode, State::kNote,
     "export it with torch.jit.script: a trace keeps the mode in which it was made",
     "wrap a torch.nn.Module that switches with train() and eval()"},
};

}  // namespace

void promise::rethrow_what_is_no_failure() {
  try {
    throw;
  } catch (const Interrupted&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
  }
}

namespace {

Finding look_at(const Check& check, Probe& probe) {
  if (!probe.blocked.empty()) return not_checked(probe.blocked);
  try {
    return check.look(probe);
  } catch (const ModuleFailure& failure) {
    // Its hint for an unknown reason is to come here: that would be a circle.
    if (failure.reason() == ModuleFailure::Reason::kUnknown) {
      return {check.if_it_throws, failure.text().what};
    }
    return {check.if_it_throws, failure.text().what, failure.text().hint};
  } catch (const Error& error) {
    return {check.if_it_throws, error.text().what, error.text().hint};
  } catch (const std::exception& error) {
    promise::rethrow_what_is_no_failure();
    return {check.if_it_throws, torch_reason(error)};
  }
}

/// Puts back what training mode may have changed. A module may replace its buffers as it runs: the
/// new ones get the numbers of the old, where they have room for them.
class ScopedState {
 public:
  explicit ScopedState(QualityModel& model) : model_(model) {
    for (const auto& [name, tensor] : model.state()) {
      kept_.emplace(name, tensor.detach().clone());
    }
    model.set_training(false);
  }
  ~ScopedState() {
    try {
      const at::NoGradGuard no_grad;
      for (const auto& [name, tensor] : model_.state()) {
        const auto was = kept_.find(name);
        if (was == kept_.end() || was->second.sizes() != tensor.sizes()) continue;
        tensor.detach().copy_(was->second);
      }
      model_.set_training(false);
    } catch (const std::exception& error) {
      log::warning("{} may not be as it was: {}", model_.card().name, torch_reason(error));
    }
  }
  ScopedState(const ScopedState&) = delete;
  ScopedState& operator=(const ScopedState&) = delete;

 private:
  QualityModel& model_;
  TensorMap kept_;
};

}  // namespace

std::string promise_state_name(State state) {
  if (state == State::kKept) return "kept";
  return state == State::kBroken ? "broken" : "note";
}

std::vector<PromiseResult> check_promises(QualityModel& model) {
  const ScopedState restored(model);
  Probe probe{model};
  std::vector<PromiseResult> results;
  for (const Check& check : kChecks) {
    const Finding finding = look_at(check, probe);
    PromiseResult result{check.promise, finding.state, check.needed_for, finding.text};
    if (finding.state != State::kKept) result.hint = finding.hint.value_or(check.hint);
    if (!result.hint.empty()) {
      result.python_hint = finding.hint ? finding.python_hint : check.python_hint;
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace robiq
