// The promises about derivatives and training.
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <limits>

#include "robiq/app/check/promise_checks.h"
#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/model/running_statistics.h"
#include "robiq/tensor/random.h"

namespace robiq::promise {
namespace {

/// float64 for the life of the guard; then every tensor has the numbers and the type that it had.
class ScopedDouble {
 public:
  explicit ScopedDouble(QualityModel& model) : model_(model) {
    for (const auto& [name, tensor] : model.state()) kept_.emplace_back(tensor, tensor.detach());
    try {
      model.convert_to(at::kDouble);
    } catch (...) {
      put_back();
      throw;
    }
  }
  ~ScopedDouble() { put_back(); }
  ScopedDouble(const ScopedDouble&) = delete;
  ScopedDouble& operator=(const ScopedDouble&) = delete;

 private:
  void put_back() noexcept {
    try {
      model_.convert_to(at::kFloat);  // also what a module has made since
    } catch (const std::exception& error) {
      log::warning("{} may not be as it was: {}", model_.card().name, error.what());
    }
    for (const auto& [tensor, was] : kept_) tensor.set_data(was);
  }

  QualityModel& model_;
  std::vector<std::pair<at::Tensor, at::Tensor>> kept_;  ///< the model's tensor, its data
};

at::Tensor gradient_of(Probe& probe, const at::Tensor& images, bool create_graph) {
  return torch::autograd::grad({probe.model.score(images).sum()}, {images}, {}, create_graph,
                               create_graph)[0];
}

at::Tensor leaf(const at::Tensor& images) { return images.clone().requires_grad_(true); }

std::vector<at::Tensor> parameters_of(Probe& probe) {
  std::vector<at::Tensor> all;
  for (const ParamGroup& group : probe.model.parameter_groups()) {
    all.insert(all.end(), group.tensors.begin(), group.tensors.end());
  }
  return all;
}

/// How far the slope along random halves of the gradient's sign is from finite differences, as a
/// part of it: the worst of the directions, each at the step that suits it best.
double disagreement(Probe& probe, const at::Tensor& images, const std::vector<double>& steps) {
  const at::Tensor slope = gradient_of(probe, leaf(images), false);
  double worst = 0;
  for (std::uint64_t draw = 0; draw < 2; ++draw) {
    const at::Tensor half =
        uniform_tensor(Rng(draw), images.sizes(), 0, 1, images.device()).gt(0.5);
    const at::Tensor direction = slope.sign() * half;
    const double wanted = (slope * direction).sum(at::kDouble).item<double>();
    double best = std::numeric_limits<double>::infinity();
    for (const double h : steps) {
      const at::Tensor ahead = scores_of(probe, images + h * direction);
      const at::Tensor behind = scores_of(probe, images - h * direction);
      const double seen = (ahead - behind).sum().item<double>() / (2 * h);
      best = std::min(best, std::abs(seen - wanted) / std::abs(wanted));
    }
    worst = std::max(worst, best);
  }
  return worst;
}

}  // namespace

Finding has_gradient(Probe& probe) {
  const at::Tensor gradient = gradient_of(probe, leaf(probe.images), false);
  if (!at::isfinite(gradient).all().item<bool>()) {
    return {State::kBroken, "the gradient is not finite",
            "look for a root or logarithm of 0, or 0/0, and add a small constant inside"};
  }
  const at::Tensor norms = gradient.abs().sum({1, 2, 3}, false, at::kDouble);
  if (norms.min().item<double>() == 0) return {State::kBroken, "the gradient is zero"};
  probe.gradient = gradient;
  return {State::kKept, fmt::format("l1 norms {:.3g} to {:.3g}", norms.min().item<double>(),
                                    norms.max().item<double>())};
}

Finding agrees_with_differences(Probe& probe) {
  if (!probe.gradient.defined()) return not_checked("it has no gradient");
  if (probe.random) return not_checked("its scores are random");
  const at::Tensor picture = probe.images.narrow(0, 0, 1);
  double apart = 0;
  std::string precision = "in double precision";
  try {
    const ScopedDouble doubled(probe.model);
    apart = disagreement(probe, picture.to(at::kDouble), {1e-6, 1e-4});
  } catch (const std::exception&) {  // a module with constants or conversions of its own
    rethrow_what_is_no_failure();
    precision = "in single precision";
    apart = disagreement(probe, picture, {2e-4, 1e-3, 5e-3});
  }
  constexpr double kAllowed = 0.05;
  return {apart <= kAllowed ? State::kKept : State::kBroken,
          fmt::format("{:.2g} % apart, {}", 100 * apart, precision)};
}

Finding can_be_differentiated_twice(Probe& probe) {
  if (!probe.gradient.defined()) return not_checked("it has no gradient");
  const at::Tensor images = leaf(probe.images.narrow(0, 0, 1));
  const at::Tensor norm = gradient_of(probe, images, true).abs().sum();
  std::vector<at::Tensor> inputs = parameters_of(probe);
  if (inputs.empty()) inputs.push_back(images);
  if (!norm.requires_grad()) return {State::kNote, "the gradient has no graph of its own"};
  double largest = 0;
  for (const at::Tensor& slope :
       torch::autograd::grad({norm}, inputs, {}, false, false, /*allow_unused=*/true)) {
    if (!slope.defined()) continue;
    if (!at::isfinite(slope).all().item<bool>()) {
      return {State::kNote, "the second derivative is not finite"};
    }
    largest = std::max(largest, slope.abs().max().item<double>());
  }
  if (largest == 0) return {State::kNote, "the second derivative is zero"};
  return {State::kKept, fmt::format("largest second derivative {:.3g}", largest)};
}

Finding has_parameters(Probe& probe) {
  const std::vector<at::Tensor> parameters = parameters_of(probe);
  std::int64_t numbers = 0;
  for (const at::Tensor& tensor : parameters) numbers += tensor.numel();
  if (numbers == 0) return {State::kNote, "none that may change"};
  std::int64_t reached = 0;
  const at::Tensor sum = probe.model.training_outputs(probe.images.narrow(0, 0, 1)).sum();
  if (sum.requires_grad()) {
    for (const at::Tensor& slope :
         torch::autograd::grad({sum}, parameters, {}, false, false, /*allow_unused=*/true)) {
      if (slope.defined()) ++reached;
    }
  }
  return {reached > 0 ? State::kKept : State::kNote,
          fmt::format("{} numbers in {} tensors, {} of them with a gradient", numbers,
                      parameters.size(), reached)};
}

Finding has_training_mode(Probe& probe) {
  QualityModel& model = probe.model;
  // Two, because batch normalisation has no statistics of one number.
  const at::Tensor images =
      probe.images.narrow(0, 0, std::min<std::int64_t>(2, probe.images.size(0)));
  const at::Tensor in_evaluation = scores_of(probe, images);
  const auto in_training = [&](std::uint64_t seed) {
    seed_torch_globals(Rng(seed));
    model.set_training(true);
    const at::Tensor scores = scores_of(probe, images);
    model.set_training(false);
    return scores;
  };
  const at::Tensor first = in_training(1), second = in_training(2);
  const bool random = !at::equal(first, second);
  const bool normalises = !running_statistics(model).empty();
  if (random || !at::equal(first, in_evaluation)) {
    return {State::kKept, std::string("it changes the scores") +
                              (random ? "; random parts (dropout)" : "") +
                              (normalises ? "; batch normalisation" : "")};
  }
  if (normalises) return {State::kNote, "it has batch normalisation, which does not switch"};
  return {State::kNote, "it changes nothing: no dropout or batch normalisation, or a trace"};
}

}  // namespace robiq::promise
