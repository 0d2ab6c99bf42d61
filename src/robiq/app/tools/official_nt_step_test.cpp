// The NT step's schemes against the authors' three forward passes.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/app/tools/bench_tools.h"
#include "robiq/train/train_step.h"
#include "support/det.h"
#include "support/model_golden.h"

namespace robiq {
namespace official_nt_step_test {

/// Gradients of every parameter, one vector.
at::Tensor flat_gradient(QualityModel& model) {
  std::vector<at::Tensor> parts;
  for (const ParamGroup& group : model.parameter_groups()) {
    for (const at::Tensor& parameter : group.tensors) {
      parts.push_back(parameter.grad().defined()
                          ? parameter.grad().flatten()
                          : at::zeros({parameter.numel()}, parameter.options()));
      parameter.mutable_grad() = at::Tensor();
    }
  }
  return at::cat(parts);
}

/// A model and a batch of det.h pictures, in training mode.
struct Subject {
  explicit Subject(std::unique_ptr<QualityModel> the_model, std::int64_t pictures,
                   std::int64_t side, at::ScalarType type = at::kDouble)
      : model(std::move(the_model)),
        loss(Registry<Loss>::instance().make(model->card().recipe.loss, {})) {
    model->convert_to(type);
    model->set_training(true);
    std::vector<at::Tensor> all;
    for (std::int64_t i = 0; i < pictures; ++i) {
      all.push_back(det::picture({"p" + std::to_string(i), side, side}).to(type));
    }
    batch = {at::cat(all), at::arange(pictures, type) * 10 + 3};
  }

  /// By robiq's step; the weights stay. `scheme` must be the one that was taken.
  [[nodiscard]] at::Tensor gradient(const std::string& options, const StepOptions& how) {
    const auto defense = Registry<Defense>::instance().make(
        parse_spec("gradient-norm:weight=0.01," + options, "test"), "test");
    Optimizer optimizer({OptimizerKind::kSgd, 0.0, {}, 0}, model->parameter_groups());
    const StepResult result = train_step({*model, *loss, *defense, optimizer, how},
                                         {batch.images.clone(), batch.mos}, position);
    EXPECT_EQ(result.unit, how.scheme != StepScheme::kShared);
    value = result.loss + result.penalty;
    return flat_gradient(*model);
  }

  [[nodiscard]] at::Tensor official(bool square) {
    value =
        official_nt_gradients(*model, *loss, batch, {.weight = 0.01, .square = square}, position);
    return flat_gradient(*model);
  }

  std::unique_ptr<QualityModel> model;
  std::unique_ptr<Loss> loss;
  TrainBatch batch;
  Rng position{5};
  double value = 0;  ///< of the last step
};

void expect_same(const at::Tensor& got, const at::Tensor& want, double relative = 1e-10) {
  const double scale = want.norm().item<double>();
  EXPECT_GT(scale, 0);
  EXPECT_LE((got - want).norm().item<double>(), relative * scale);
}

std::unique_ptr<QualityModel> made(const std::string& spec) {
  seed_torch_globals(Rng(1));
  return Registry<QualityModel>::instance().make(parse_spec(spec, "test"), "test");
}

TEST(NtSchemes, EqualTheOfficialWayForCnniqaWithDropout) {
  Subject subject(made("cnniqa:hidden=64,filters=8,dropout=0.5"), 1, 32);
  for (const bool square : {true, false}) {
    const std::string form = square ? "form=square" : "form=abs";
    const at::Tensor official = subject.official(square);
    const double value = subject.value;
    expect_same(subject.gradient(form, {.scheme = StepScheme::kShared}), official);
    EXPECT_NEAR(subject.value, value, 1e-9 * value);
    expect_same(subject.gradient(form, {.scheme = StepScheme::kUnit}), official);
    EXPECT_NEAR(subject.value, value, 1e-9 * value);
  }
}

TEST(NtSchemes, EqualEachOtherPictureByPictureWithDropout) {
  Subject subject(made("cnniqa:hidden=64,filters=8,dropout=0.5"), 5, 32);
  const at::Tensor shared = subject.gradient("form=square", {1, StepScheme::kShared});
  expect_same(subject.gradient("form=square", {1, StepScheme::kUnit}), shared);
  // A piece has the masks that its rows have in the whole batch.
  expect_same(subject.gradient("form=square", {0, StepScheme::kShared}), shared);
  expect_same(subject.gradient("form=square", {2, StepScheme::kShared}), shared);
}

TEST(NtSchemes, EqualTheOfficialWayForHyperIqa) {
  Subject subject(golden::filled_model(golden::Golden("hyperiqa"), golden::Precision::kDouble), 2,
                  224);
  const at::Tensor official = subject.official(true);
  expect_same(subject.gradient("form=square", {.scheme = StepScheme::kShared}), official);
  subject.model->set_batch_statistics(false);
  const at::Tensor frozen = subject.official(true);
  expect_same(subject.gradient("batchnorm=frozen", {.scheme = StepScheme::kUnit}), frozen);
}

// In float64, where it takes minutes, they agree to 1e-10 too.
TEST(NtSchemes, EqualTheOfficialWayForManiqaInFloat) {
  Subject subject(golden::filled_model(golden::Golden("maniqa"), golden::Precision::kFloat), 1, 224,
                  at::kFloat);
  const at::Tensor official = subject.official(true);
  expect_same(subject.gradient("form=square", {.scheme = StepScheme::kAuto}), official, 1e-4);
}

}  // namespace official_nt_step_test
}  // namespace robiq
