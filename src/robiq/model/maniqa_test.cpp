#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <set>

#include "robiq/model/weights/weights.h"
#include "support/errors.h"
#include "support/model_golden.h"

namespace robiq {
namespace maniqa_test {

using golden::Golden;
using golden::Json;
using golden::Precision;
using torch::autograd::grad;

std::unique_ptr<QualityModel> maniqa(const std::string& options, std::uint64_t seed = 1) {
  seed_torch_globals(Rng(seed));
  return Registry<QualityModel>::instance().make(parse_spec("maniqa:" + options, "test"), "test");
}

/// What one picture contributes to the fixture's step. There is no batch normalisation, so that a
/// batch is the sum of its pictures; one at a time they need half the memory.
struct PictureStep {
  double score = 0, moved_score = 0;
  at::Tensor gradient;                   ///< of the score by the [0,1] picture, [1,3,224,224]
  std::vector<at::Tensor> clean, moved;  ///< of either score by every parameter
};

class ManiqaGolden : public testing::Test {
 protected:
  ManiqaGolden()
      : golden_("maniqa"),
        model_(golden::filled_model(golden_, Precision::kDouble)),
        names_(parameter_names()) {}

  [[nodiscard]] std::vector<std::string> parameter_names() const {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : model_->state()) {
      if (tensor.requires_grad()) names.push_back(name);
    }
    return names;
  }

  [[nodiscard]] PictureStep step_of(const Json& name, double h);
  void accumulate(PictureStep step, double of_clean, double of_moved, double of_task);
  void expect_picture(const PictureStep& step, std::size_t i) const;
  void expect_losses(const std::vector<double>& slopes, double task_loss, double positive) const;
  void expect_parameter_gradients(const Json& wanted) const;

  Golden golden_;
  std::unique_ptr<QualityModel> model_;
  std::vector<std::string> names_;
  TensorMap total_, task_;  ///< gradients of the losses by the parameters
};

/// A clean pass and a moved one, both differentiated by every parameter.
PictureStep ManiqaGolden::step_of(const Json& name, double h) {
  const TensorMap state = model_->state();
  std::vector<at::Tensor> inputs;
  for (const std::string& parameter : names_) inputs.push_back(state.at(parameter));
  const at::Tensor image =
      golden::pictures({name}, 224, 224, Precision::kDouble).requires_grad_(true);
  PictureStep step;
  inputs.push_back(image);
  const at::Tensor score = model_->score(image);
  step.score = score.item<double>();
  step.clean = grad({score.sum()}, inputs, {}, false, false, /*allow_unused=*/true);
  step.gradient = step.clean.back();
  step.clean.pop_back();
  inputs.pop_back();
  const at::Tensor moved =
      model_->score(image.detach() + h * stddev_like(model_->card(), image) * step.gradient.sign());
  step.moved_score = moved.item<double>();
  step.moved = grad({moved.sum()}, inputs, {}, false, false, /*allow_unused=*/true);
  return step;
}

void ManiqaGolden::accumulate(PictureStep step, double of_clean, double of_moved, double of_task) {
  const Json& named = golden::wanted(golden_.json.at("train_step")).at("grad_task_named_l2");
  for (std::size_t i = 0; i < names_.size(); ++i) {
    // Gradients may share memory with each other: only the sums are written to.
    const at::Tensor clean = std::move(step.clean[i]), moved = std::move(step.moved[i]);
    if (!clean.defined()) continue;
    const auto add = [&](TensorMap& sums, const at::Tensor& term) {
      const auto [it, first] = sums.try_emplace(names_[i], term);
      if (!first) it->second.add_(term);
    };
    if (named.contains(names_[i])) add(task_, clean * of_task);
    add(total_, (clean * of_clean).add_(moved, of_moved));
  }
}

void ManiqaGolden::expect_parameter_gradients(const Json& wanted) const {
  const double relative = golden_.tolerance(Precision::kDouble).parameter;
  const Json& total = wanted.at("grad_total");
  const auto expect = [&](const TensorMap& gradients, const Json& l2_by_name) {
    for (const auto& [name, l2] : l2_by_name.items()) {
      ASSERT_TRUE(gradients.contains(name)) << name;
      golden::expect_number(gradients.at(name).norm().item<double>(), l2.get<double>(), relative,
                            name);
    }
  };
  expect(task_, wanted.at("grad_task_named_l2"));
  expect(total_, total.at("named_l2"));
  double square = 0;
  for (const auto& [name, tensor] : total_) square += tensor.square().sum().item<double>();
  golden::expect_number(std::sqrt(square), total.at("global_l2").get<double>(), relative,
                        "all gradients");
  EXPECT_EQ(names_.size() - total_.size(), total.at("n_params_without_grad").get<std::size_t>());
  for (const Json& name : wanted.at("parameters_without_gradient_examples")) {
    EXPECT_FALSE(total_.contains(name.get<std::string>())) << name;
  }
}

/// One picture's numbers: those of its case and its share of `nt`.
void ManiqaGolden::expect_picture(const PictureStep& step, std::size_t i) const {
  const golden::Tolerance tolerance = golden_.tolerance(Precision::kDouble);
  const Json& of_case = golden_.json.at("cases")[i];
  const Json& nt = golden::wanted(golden_.json.at("nt").at("dropout_off"));
  const auto name = of_case.at("name").get<std::string>();
  const auto expect = [&](double got, const Json& wanted, double relative) {
    golden::expect_number(got, wanted.get<double>(), relative, name);
  };
  expect(step.score, golden::wanted(of_case).at("score"), tolerance.score);
  expect(step.score, nt.at("f_x")[i], tolerance.score);
  expect(step.moved_score, nt.at("f_pert")[i], tolerance.nt);
  golden::expect_gradient(step.gradient, golden::wanted(of_case).at("grad"), tolerance, name);
  const at::Tensor normalised = 0.5 * step.gradient;
  expect(normalised.abs().sum().item<double>(), nt.at("grad_l1_normalised_input")[i], tolerance.nt);
  expect(normalised.norm().item<double>(), nt.at("grad_l2_normalised_input")[i], tolerance.nt);
}

/// The numbers of the whole batch, from every picture's slope and sum of errors.
void ManiqaGolden::expect_losses(const std::vector<double>& slopes, double task_loss,
                                 double positive) const {
  const golden::Tolerance tolerance = golden_.tolerance(Precision::kDouble);
  const Json& nt = golden::wanted(golden_.json.at("nt").at("dropout_off"));
  const Json& train = golden::wanted(golden_.json.at("train_step"));
  const at::Tensor all = at::tensor(slopes, at::kDouble);
  const double square = all.square().mean().item<double>() / 2;
  const double total = task_loss + train.at("lambda").get<double>() * square;
  const auto expect = [&](double got, const Json& wanted, const char* what) {
    golden::expect_number(got, wanted.get<double>(), tolerance.nt, what);
  };
  golden::expect_numbers(all, nt.at("fd"), tolerance.nt, "slopes");
  expect(square, nt.at("official_half_mean_square"), "square");
  expect(all.abs().mean().item<double>(), nt.at("paper_mean_abs_fd"), "abs");
  expect(task_loss, train.at("task_loss"), "task loss");
  expect(total, train.at("total"), "loss");
  EXPECT_NEAR(positive, nt.at("frac_positive_direction").get<double>(), tolerance.fraction);
}

TEST_F(ManiqaGolden, CasesNtAndTrainingStepInDouble) {
  const Json& train = golden_.json.at("train_step");
  const Json& wanted = golden::wanted(train);
  const double h = wanted.at("h").get<double>(), lambda = wanted.at("lambda").get<double>();
  const std::size_t pictures = train.at("images").size();
  const auto n = static_cast<double>(pictures);
  std::vector<double> slopes;
  double task_loss = 0, positive = 0;
  for (std::size_t i = 0; i < pictures; ++i) {
    const Json& name = train.at("images")[i];
    ASSERT_EQ(golden_.json.at("cases")[i].at("input").at("image"), name);
    PictureStep step = step_of(name, h);
    expect_picture(step, i);
    positive += step.gradient.gt(0).to(at::kDouble).mean().item<double>() / n;
    slopes.push_back((step.moved_score - step.score) / h);
    const double error = step.score - wanted.at("labels")[i].get<double>();
    task_loss += error * error / n;
    const double pull = lambda * slopes.back() / h / n;
    accumulate(std::move(step), 2 * error / n - pull, pull, 2 * error / n);
  }
  expect_losses(slopes, task_loss, positive);
  expect_parameter_gradients(wanted);
}

TEST(Maniqa, ItsStateIsTheAuthorsAndItsScoresAreInFloat) {
  const Golden golden("maniqa");
  const auto model = golden::filled_model(golden, Precision::kFloat);
  golden::expect_state(golden, *model);
  const ScopedFrozen frozen(*model);
  for (const Json& of_case : golden.json.at("cases")) {
    golden::expect_case(golden, *model, of_case, Precision::kFloat);
  }
}

TEST(Maniqa, ItsMasksComeFromTheGlobalGenerator) {
  const at::NoGradGuard no_grad;
  const at::Tensor image = det::picture({"maniqa_a", 224, 224});
  const auto model = maniqa("dropout=0.1");
  const auto score = [&](std::uint64_t seed) {
    seed_torch_globals(Rng(seed));
    return model->score(image).item<float>();
  };
  model->set_training(true);
  const float first = score(1);
  EXPECT_EQ(score(1), first);
  EXPECT_NE(score(2), first);
}

TEST(Maniqa, WithoutDropoutTrainingComputesTheSameAndScaleMatters) {
  const at::NoGradGuard no_grad;
  const at::Tensor image = det::picture({"maniqa_a", 224, 224});
  const auto model = maniqa("dropout=0,drop_path=0"), pipal = maniqa("scale=0.13");
  model->set_training(true);
  const float training = model->score(image).item<float>();
  model->set_training(false);
  pipal->set_training(false);
  EXPECT_EQ(training, model->score(image).item<float>());
  EXPECT_NE(training, pipal->score(image).item<float>());
}

/// timm's names, and the arrays of JAX, for the same tensors.
TEST(Maniqa, ItsBackboneComesFromTimmAndFromJax) {
  const auto model = maniqa("dropout=0.1");
  const ModelPart& part = model->card().parts.at(0);
  EXPECT_EQ(part.name, "backbone");
  TensorMap file;
  for (const auto& [name, tensor] : model->state()) {
    if (name.starts_with("vit.")) file.emplace(name.substr(4), at::full_like(tensor, 0.25));
  }
  load_part(*model, part, file);
  const TensorMap state = model->state();
  EXPECT_TRUE(state.at("vit.blocks.11.mlp.fc2.weight").eq(0.25).all().item<bool>());
  EXPECT_FALSE(state.at("conv1.weight").eq(0.25).any().item<bool>());
  expect_error(ErrorKind::kModel, {"'embedding/bias' is missing", "JAX", "ViT"}, [&] {
    load_part(*model, part, {{"embedding/kernel", at::zeros({8, 8, 3, 768})}});
  });
}

TEST(Maniqa, ConstantsMayBeMissingAndMayNotDiffer) {
  const auto model = maniqa("dropout=0.1");
  TensorMap file;
  for (const auto& [name, tensor] : model->state()) {
    const bool constant = name.ends_with(".attn_mask") || name.ends_with("position_index");
    if (!constant) file.emplace(name, tensor);
  }
  EXPECT_EQ(file.size(), 304U);
  EXPECT_NO_THROW(model->load_state(file));
  const std::string mask = "swintransformer1.layers.0.blocks.1.attn_mask";
  file.emplace(mask, at::zeros({49, 16, 16}));
  expect_error(ErrorKind::kModel, {mask, "maniqa", "*"}, [&] { model->load_state(file); });
}

TEST(Maniqa, OnlyInputsOf224Pixels) {
  const auto model = maniqa("dropout=0.1");
  expect_error(ErrorKind::kData, {"an input of 225x224 is not", "maniqa", "224x224"}, [&] {
    static_cast<void>(model->score(at::zeros({1, 3, 224, 225})));
  });
  EXPECT_EQ(model->card().views.rows * model->card().views.columns, 20);
  EXPECT_EQ(model->card().scale.best, 1);
}

}  // namespace maniqa_test
}  // namespace robiq
