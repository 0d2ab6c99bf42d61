#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>

#include "robiq/defense/defense.h"
#include "robiq/model/net_model.h"
#include "robiq/tensor/compat.h"
#include "robiq/tensor/random.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace gradient_norm_test {

using Json = nlohmann::json;

std::unique_ptr<Defense> gradient_norm(const std::string& options) {
  return Registry<Defense>::instance().make(parse_spec("gradient-norm:" + options, "test"), "test");
}

/// The penalty of one step, as the trainer takes it.
Penalty penalty_of(Defense& defense, QualityModel& model, const at::Tensor& images,
                   const Rng& step = Rng(0)) {
  TrainBatch batch{images.detach(), at::zeros({images.size(0)})};
  batch = defense.begin_step(model, batch, step);
  defense.before_pass(model);
  batch.images.requires_grad_(true);
  seed_torch_globals(step.child("dropout"));
  return defense.penalty(model, batch, model.training_outputs(batch.images).select(1, 0), step);
}

at::Tensor images_of(const Json& specs) {
  std::vector<at::Tensor> pictures;
  for (const Json& spec : specs) pictures.push_back(det::picture(det::image_spec(spec)));
  return at::cat(pictures);
}

TEST(GradientNorm, AgreesWithTheAuthorsCodeInValueAndParameterGradients) {
  const Json fixture = test::read_json(test::fixture_path("attacks/nt_loss.json"));
  const Json& tolerance = fixture.at("tolerance");
  for (const Json& c : fixture.at("cases")) {
    const double h = c.at("h").get<double>();
    const testing::ScopedTrace trace(__FILE__, __LINE__, "h = " + std::to_string(h));
    test::TinyIqa model;
    model.set_training(true);
    const auto defense = gradient_norm("weight=1,step=" + std::to_string(h));
    const Penalty penalty = penalty_of(*defense, model, images_of(c.at("images")));
    const double wanted = c.at("loss_grad").get<double>();
    EXPECT_NEAR(penalty.value.item<double>(), wanted,
                wanted * tolerance.at("loss_rel").get<double>());

    const auto parameters = model.parameter_groups().front().tensors;
    torch::autograd::backward({penalty.value}, {}, compat::kNoOption, false, parameters);
    const double relative = tolerance.at("param_grad_l2_rel").get<double>();
    for (const auto& [name, tensor] : model.state()) {
      const Json& golden = c.at("param_grad").at(name);
      const double l2 = golden.at("l2").get<double>();
      const at::Tensor gradient = tensor.grad().to(at::kDouble).flatten();
      EXPECT_NEAR(gradient.norm().item<double>(), l2, l2 * relative) << name;
      // Every case of the fixture carries the last case's first four entries (its fc.bias, one
      // number, has another norm than that), so they are compared there alone.
      if (&c != &fixture.at("cases").back()) continue;
      for (std::size_t i = 0; i < golden.at("first4").size(); ++i) {
        EXPECT_NEAR(gradient[static_cast<std::int64_t>(i)].item<double>(),
                    golden.at("first4")[i].get<double>(), l2 * relative)
            << name;
      }
    }
  }
}

TEST(GradientNorm, ExactFormIsTheL1NormOfTheNormalisedInput) {
  const Json fixture = test::read_json(test::fixture_path("attacks/nt_loss.json"));
  const Json& c = fixture.at("cases").front();
  test::TinyIqa model;
  const Penalty penalty =
      penalty_of(*gradient_norm("weight=2,form=exact"), model, images_of(c.at("images")));
  const double relative = fixture.at("tolerance").at("l1_rel").get<double>();
  double mean = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double l1 = c.at("grad_l1_normalised_input")[i].get<double>();
    EXPECT_NEAR(penalty.gradient_norms[static_cast<std::int64_t>(i)].item<double>(), l1,
                l1 * relative);
    mean += l1 / 3;
  }
  EXPECT_NEAR(penalty.value.item<double>(), 2 * mean, 2 * mean * relative);
  // Differentiable again: the weights feel it.
  const auto parameters = model.parameter_groups().front().tensors;
  torch::autograd::backward({penalty.value}, {}, compat::kNoOption, false, parameters);
  EXPECT_GT(model.state().at("conv1.weight").grad().abs().max().item<double>(), 0);
}

TEST(GradientNorm, AbsoluteFormIsTheMeanOfTheSlopes) {
  test::TinyIqa model;
  const at::Tensor images = det::picture({"n0", 48, 48, 128, 64});
  const Penalty square = penalty_of(*gradient_norm("weight=1"), model, images);
  const Penalty absolute = penalty_of(*gradient_norm("weight=1,form=abs"), model, images);
  const double slope = square.gradient_norms.item<double>();
  EXPECT_NEAR(square.value.item<double>(), slope * slope / 2, 1e-3 * slope * slope);
  EXPECT_NEAR(absolute.value.item<double>(), std::abs(slope), 1e-3 * std::abs(slope));
}

TEST(GradientNorm, PixelSpaceMeasuresTheNormInUnitRange) {
  test::TinyIqa model;
  const at::Tensor images = det::picture({"m0", 64, 64, 256, 0});
  const Penalty penalty =
      penalty_of(*gradient_norm("weight=1,space=pixel,form=exact"), model, images);
  const Json fixture = test::read_json(test::fixture_path("attacks/tiny_model.json"));
  const double l1 = fixture.at("images")[0].at("grad_l1").get<double>();
  EXPECT_NEAR(penalty.gradient_norms.item<double>(), l1, l1 * 1e-4);
}

TEST(GradientNorm, SharesTheForwardPassWithTheTask) {
  test::TinyIqa model;
  static_cast<void>(penalty_of(*gradient_norm("weight=1"), model, det::picture({"a", 32, 32})));
  EXPECT_EQ(model.forwards, 2);
}

/// Batch normalisation and dropout in one: what the defense must handle with care.
struct FickleNet : torch::nn::Module {
  FickleNet()
      : bn(register_module("bn", torch::nn::BatchNorm2d(3))),
        dropout(register_module("dropout", torch::nn::Dropout(0.5))),
        fc(register_module("fc", torch::nn::Linear(3 * 64, 1))) {}
  torch::nn::BatchNorm2d bn;
  torch::nn::Dropout dropout;
  torch::nn::Linear fc;
};

class FickleModel final : public NetModel {
 public:
  explicit FickleModel(bool drop = false) : FickleModel(std::make_shared<FickleNet>(), drop) {}

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    const at::Tensor x = net_->bn(images).flatten(1);
    return net_->fc(drop_ ? net_->dropout(x) : x).squeeze(1);
  }

 private:
  FickleModel(std::shared_ptr<FickleNet> net, bool drop)
      : NetModel(ModelCard{.name = "fickle"}, net), net_(std::move(net)), drop_(drop) {}
  std::shared_ptr<FickleNet> net_;
  bool drop_;
};

/// Running mean after one step from zero, for pictures whose channels have these means.
at::Tensor running_mean_after(const std::string& batchnorm, const at::Tensor& images) {
  seed_torch_globals(Rng(1));
  FickleModel model;
  model.set_training(true);
  static_cast<void>(penalty_of(
      *gradient_norm("weight=1,step=0.5,space=pixel,batchnorm=" + batchnorm), model, images));
  return model.state().at("bn.running_mean").clone();
}

TEST(GradientNorm, RunningStatisticsAreUpdatedAsTheOptionSays) {
  const at::Tensor images = uniform_tensor(Rng(3), {4, 3, 8, 8}, 0, 1, c10::kCPU);
  const at::Tensor mean = images.mean({0, 2, 3});
  EXPECT_TRUE(at::allclose(running_mean_after("clean", images), 0.1 * mean, 1e-4, 1e-6));
  EXPECT_TRUE(at::equal(running_mean_after("frozen", images), at::zeros({3})));
  // Official: r <- 0.729 r + 0.171 s(x) + 0.1 s(x'), with r = 0 to begin with.
  const at::Tensor official = running_mean_after("official", images);
  const at::Tensor moved_mean = (official - 0.171 * mean) / 0.1;
  EXPECT_FALSE(at::allclose(moved_mean, mean, 1e-3, 1e-3));
  EXPECT_TRUE(((moved_mean - mean).abs() <= 0.5 + 1e-3).all().item<bool>());
}

TEST(GradientNorm, BothPassesDropTheSameUnits) {
  seed_torch_globals(Rng(1));
  FickleModel model(true);
  model.set_training(true);
  const at::Tensor images = uniform_tensor(Rng(4), {2, 3, 8, 8}, 0, 1, c10::kCPU);
  // With other masks the scores would differ by far more than a step of 1e-5 explains.
  const Penalty penalty =
      penalty_of(*gradient_norm("weight=1,step=1e-5,batchnorm=frozen,space=pixel"), model, images);
  const Penalty exact =
      penalty_of(*gradient_norm("weight=1,form=exact,batchnorm=frozen,space=pixel"), model, images);
  EXPECT_TRUE(at::allclose(penalty.gradient_norms, exact.gradient_norms, 0.05, 0.05));
}

TEST(GradientNorm, TheBaselineAddsNothing) {
  test::TinyIqa model;
  const auto none = Registry<Defense>::instance().make("none", {});
  EXPECT_FALSE(none->needs_image_gradient());
  const at::Tensor images = det::picture({"a", 32, 32});
  EXPECT_FALSE(none->penalty(model, {images, {}}, model.score(images), Rng(0)).value.defined());
}

}  // namespace gradient_norm_test
}  // namespace robiq
