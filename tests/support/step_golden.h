#pragma once
// Compares one training step with what the authors' code computed: the `nt`, `train_step` and
// `train_step_frozen_bn` blocks of tests/fixtures/models/NAME.json.
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "robiq/defense/defense.h"
#include "robiq/train/loss.h"
#include "support/model_golden.h"

namespace robiq::golden {

/// One step with gradient-norm regularisation: what the trainer computes before it moves weights.
struct Step {
  at::Tensor outputs;  ///< [N,K]
  at::Tensor task;
  Penalty penalty;                ///< weighted
  double weight = 0, length = 0;  ///< of the penalty
  at::Tensor image_gradient;      ///< of the sum of the raw scores, [0,1] pictures
  std::map<std::string, at::Tensor> of_task,
      of_total;  ///< gradients; undefined where there is none
};

/// Gradients of `value` by every parameter of the model.
[[nodiscard]] inline std::map<std::string, at::Tensor> gradients(const QualityModel& model,
                                                                 const at::Tensor& value) {
  std::vector<std::string> names;
  std::vector<at::Tensor> parameters;
  for (const auto& [name, tensor] : model.state()) {
    if (!tensor.requires_grad()) continue;
    names.push_back(name);
    parameters.push_back(tensor);
  }
  const auto slopes = torch::autograd::grad({value}, parameters, {}, /*retain_graph=*/true,
                                            /*create_graph=*/false, /*allow_unused=*/true);
  std::map<std::string, at::Tensor> out;
  for (std::size_t i = 0; i < names.size(); ++i) out.emplace(names[i], slopes[i]);
  return out;
}

/// \param block      `train_step` or `train_step_frozen_bn`
/// \param batchnorm  the defense's option
[[nodiscard]] inline Step take_step(QualityModel& model, const Json& block,
                                    const std::string& batchnorm, Precision precision) {
  Step step;
  step.weight = wanted(block).at("lambda").get<double>();
  step.length = wanted(block).at("h").get<double>();
  model.set_training(true);
  const auto defense = Registry<Defense>::instance().make(
      parse_spec("gradient-norm:weight=" + std::to_string(step.weight) +
                     ",step=" + std::to_string(step.length) + ",batchnorm=" + batchnorm,
                 "test"),
      "test");
  const auto loss = Registry<Loss>::instance().make(model.card().recipe.loss, {});
  const std::int64_t h = block.value("h", std::int64_t{224}),
                     w = block.value("w", std::int64_t{224});
  TrainBatch batch{pictures(block.at("images"), h, w, precision),
                   doubles(wanted(block).at("labels")).to(scalar_type(precision))};
  const Rng position(0);
  batch = defense->begin_step(model, batch, position);
  defense->before_pass(model);
  batch.images.requires_grad_(true);
  seed_torch_globals(position.child("dropout"));
  step.outputs = model.training_outputs(batch.images);
  const at::Tensor scores = step.outputs.select(1, 0);
  step.task = loss->value(step.outputs, batch.mos);
  step.image_gradient = torch::autograd::grad({scores.sum()}, {batch.images}, {}, true)[0];
  step.penalty = defense->penalty(model, batch, scores, position);
  step.of_task = gradients(model, step.task);
  step.of_total = gradients(model, step.task + step.penalty.value);
  return step;
}

/// Scores, finite differences, the penalty's two forms and the gradient's norm by the normalised
/// input. \param block  of `nt`; when it has fewer pictures than the step, they are its first
inline void expect_nt(const Step& step, const QualityModel& model, const Json& block,
                      const Tolerance& tolerance, double relative) {
  const Json& want = wanted(block);
  const auto count = static_cast<std::int64_t>(want.at("f_x").size());
  const at::Tensor scores = step.outputs.select(1, 0).narrow(0, 0, count).detach();
  const at::Tensor slopes = step.penalty.gradient_norms.narrow(0, 0, count);
  expect_numbers(scores, want.at("f_x"), relative, "f(x)");
  expect_numbers(slopes, want.at("fd"), relative, "finite differences");
  // f(x + h d) is the small difference of f(x) and h times the slope: its error is one of theirs,
  // so it is held to their size and not to its own.
  const double size = std::max(doubles(want.at("f_x")).abs().max().item<double>(),
                               doubles(want.at("f_pert")).abs().max().item<double>());
  const at::Tensor moved = (scores + step.length * slopes).to(at::kDouble).cpu();
  EXPECT_LE((moved - doubles(want.at("f_pert"))).abs().max().item<double>(), relative * size)
      << "f(x + h d): " << moved << want.at("f_pert");
  expect_number(slopes.square().mean().item<double>() / 2,
                want.at("official_half_mean_square").get<double>(), 2 * relative, "square form");
  expect_number(slopes.abs().mean().item<double>(), want.at("paper_mean_abs_fd").get<double>(),
                relative, "absolute form");
  const at::Tensor by_normalised =
      (step.image_gradient * stddev_like(model.card(), step.image_gradient)).narrow(0, 0, count);
  const at::Tensor flat = by_normalised.flatten(1);
  expect_numbers(flat.abs().sum(1), want.at("grad_l1_normalised_input"), relative, "l1");
  expect_numbers(flat.square().sum(1).sqrt(), want.at("grad_l2_normalised_input"), relative, "l2");
  EXPECT_NEAR(flat.gt(0).to(at::kDouble).mean().item<double>(),
              want.at("frac_positive_direction").get<double>(), tolerance.fraction);
  EXPECT_EQ(flat.eq(0).sum().item<std::int64_t>(), want.at("n_zero_direction").get<std::int64_t>());
}

/// l2 norms of parameter gradients.
inline void expect_parameter_gradients(const std::map<std::string, at::Tensor>& got,
                                       const Json& want, double relative, double absolute) {
  for (const auto& [name, l2] : want.items()) {
    ASSERT_TRUE(got.contains(name)) << name;
    EXPECT_NEAR(got.at(name).to(at::kDouble).norm().item<double>(), l2.get<double>(),
                relative * l2.get<double>() + absolute)
        << name;
  }
}

/// Task loss, penalty, total, and the gradients of the task's loss and of the sum.
/// \param batch_statistics  whether the step normalised by them
inline void expect_step(const Golden& golden, const Step& step, const Json& block,
                        Precision precision, bool batch_statistics) {
  const Json& want = wanted(block);
  const Tolerance tolerance = golden.tolerance(precision);
  const double nt = batch_statistics ? tolerance.nt_batch : tolerance.nt;
  expect_numbers(step.outputs.select(1, 0), want.at("pred"), nt, "prediction");
  expect_number(step.task.item<double>(), want.at("task_loss").get<double>(), nt, "task loss");
  const double penalty = step.penalty.value.item<double>();
  expect_number(penalty / step.weight, want.at("nt_official").get<double>(), nt, "NT");
  expect_number(step.task.item<double>() + penalty, want.at("total").get<double>(), nt, "total");

  double squares = 0;
  std::int64_t without = 0;
  for (const auto& [name, gradient] : step.of_total) {
    if (!gradient.defined()) {
      ++without;
    } else {
      squares += gradient.to(at::kDouble).square().sum().item<double>();
    }
  }
  const Json& total = want.at("grad_total");
  const double l2 = total.at("global_l2").get<double>();
  expect_number(std::sqrt(squares), l2, tolerance.parameter_global, "gradient of all parameters");
  EXPECT_EQ(without, total.at("n_params_without_grad").get<std::int64_t>());
  const double relative = batch_statistics ? tolerance.parameter_batch : tolerance.parameter;
  const double absolute = tolerance.absolute * l2;
  expect_parameter_gradients(step.of_total, total.at("named_l2"), relative, absolute);
  expect_parameter_gradients(step.of_task, want.at("grad_task_named_l2"), relative, absolute);
}

/// l2 norms of named running statistics. \param which  "before", "after_1_forward" or
/// "after_official_3_forwards"
inline void expect_running_statistics(const QualityModel& model, const Json& block,
                                      const std::string& which, double relative) {
  const TensorMap state = model.state();
  for (const auto& [name, l2] : wanted(block).at("bn_running_l2_" + which).items()) {
    expect_number(state.at(name).to(at::kDouble).norm().item<double>(), l2.get<double>(), relative,
                  name + " " + which);
  }
}

}  // namespace robiq::golden
