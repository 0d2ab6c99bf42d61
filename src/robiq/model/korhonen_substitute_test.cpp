#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "robiq/model/weights/weights.h"
#include "robiq/tensor/random.h"
#include "support/det.h"
#include "support/errors.h"

namespace robiq {
namespace korhonen_substitute_test {

std::unique_ptr<QualityModel> substitute(std::uint64_t seed = 3) {
  seed_torch_globals(Rng(seed));
  auto model = Registry<QualityModel>::instance().make("korhonen-substitute", {});
  model->set_training(false);
  return model;
}

/// ResNet-50 and the head by their definition, from tensors by torchvision's names, in evaluation
/// mode.
class Reference {
 public:
  explicit Reference(const TensorMap& state) : state_(state) {}

  [[nodiscard]] at::Tensor score(const at::Tensor& images) const {
    const at::Tensor mean = at::tensor({0.485, 0.456, 0.406}, at::kDouble).view({1, 3, 1, 1});
    const at::Tensor deviation = at::tensor({0.229, 0.224, 0.225}, at::kDouble).view({1, 3, 1, 1});
    at::Tensor x = conv((images - mean) / deviation, "conv1", 2, 3);
    x = at::max_pool2d(at::relu(norm(x, "bn1")), {3, 3}, {2, 2}, {1, 1});
    const std::array<int, 4> depths = {3, 4, 6, 3};
    for (std::size_t layer = 0; layer < 4; ++layer) {
      for (int block = 0; block < depths.at(layer); ++block) {
        const std::string name =
            "layer" + std::to_string(layer + 1) + "." + std::to_string(block) + ".";
        x = bottleneck(x, name, layer > 0 && block == 0 ? 2 : 1);
      }
    }
    const at::Tensor pooled = at::adaptive_avg_pool2d(x, {1, 1}).flatten(1);
    const at::Tensor z = at::linear(pooled, state_.at("fc.weight"), state_.at("fc.bias"));
    return 1 / (1 + (-z.squeeze(1)).exp());
  }

 private:
  [[nodiscard]] at::Tensor conv(const at::Tensor& x, const std::string& name, std::int64_t stride,
                                std::int64_t padding) const {
    return at::conv2d(x, state_.at("backbone." + name + ".weight"), {}, stride, padding);
  }
  [[nodiscard]] at::Tensor norm(const at::Tensor& x, const std::string& name) const {
    const auto row = [&](const char* part) {
      return state_.at("backbone." + name + "." + part).view({1, -1, 1, 1});
    };
    const at::Tensor scale = row("weight") / (row("running_var") + 1e-5).sqrt();
    return (x - row("running_mean")) * scale + row("bias");
  }
  [[nodiscard]] at::Tensor bottleneck(const at::Tensor& x, const std::string& name,
                                      std::int64_t stride) const {
    at::Tensor y = at::relu(norm(conv(x, name + "conv1", 1, 0), name + "bn1"));
    y = at::relu(norm(conv(y, name + "conv2", stride, 1), name + "bn2"));
    y = norm(conv(y, name + "conv3", 1, 0), name + "bn3");
    if (!state_.contains("backbone." + name + "downsample.0.weight")) return at::relu(x + y);
    return at::relu(y + norm(conv(x, name + "downsample.0", stride, 0), name + "downsample.1"));
  }

  const TensorMap& state_;
};

TEST(KorhonenSubstitute, ComputesItsDefinition) {
  const auto model = substitute();
  model->convert_to(at::kDouble);  // untrained, it tells pictures apart by millionths
  const at::NoGradGuard no_grad;
  const TensorMap state = model->state();
  state.at("fc.bias").fill_(0.3);
  state.at("backbone.layer3.2.bn2.running_mean").add_(0.1);
  const at::Tensor images =
      at::cat({det::picture({"a", 64, 96, 256, 0}), det::picture({"b", 64, 96, 64, 180})})
          .to(at::kDouble);
  const at::Tensor wanted = Reference(state).score(images);
  EXPECT_TRUE(at::allclose(model->score(images), wanted, 1e-10, 1e-12));
  EXPECT_GT((wanted[0] - wanted[1]).abs().item<double>(), 1e-7) << "the pictures tell";
}

TEST(KorhonenSubstitute, ItsHeadBeginsNarrow) {
  const auto model = substitute();
  const TensorMap state = model->state();
  EXPECT_NEAR(state.at("fc.weight").std().item<double>(), 0.01, 0.001);
  EXPECT_NEAR(state.at("fc.weight").mean().item<double>(), 0, 0.001);
  EXPECT_EQ(state.at("fc.bias").item<double>(), 0);
}

TEST(KorhonenSubstitute, DropsAQuarterOfTheFeaturesInTrainingAlone) {
  const auto model = substitute();
  const at::NoGradGuard no_grad;
  const at::Tensor images = det::picture({"a", 32, 32});
  EXPECT_TRUE(at::equal(model->score(images), model->score(images)));
  model->set_training(true);
  model->set_batch_statistics(false);
  EXPECT_FALSE(at::equal(model->score(images), model->score(images)));
  // Features of equal weight, so that their sum decides: those that are kept count 4/3.
  const TensorMap state = model->state();
  state.at("fc.bias").fill_(0);
  const auto sum = [&](const at::Tensor& batch) {
    return at::logit(model->score(batch).to(at::kDouble));
  };
  model->set_training(false);
  state.at("fc.weight").fill_(1e-5);
  state.at("fc.weight").div_(sum(images).item<double>());
  EXPECT_NEAR(sum(images).item<double>(), 1, 0.01);
  model->set_training(true);
  model->set_batch_statistics(false);
  const at::Tensor kept = sum(images.expand({64, 3, 32, 32}).contiguous());
  EXPECT_NEAR(kept.mean().item<double>(), 1, 0.02);
  EXPECT_GT(kept.std().item<double>(), 0.005) << "every row has a mask of its own";
}

TEST(KorhonenSubstitute, GroupsHaveTheRatesOfTheOriginal) {
  const auto model = substitute();
  const std::map<std::string, double>& rates = model->card().recipe.group_rates;
  EXPECT_EQ(rates,
            (std::map<std::string, double>{
                {"stem", 0.25}, {"layer1", 0.5}, {"layer2-3", 0.75}, {"layer4", 1}, {"head", 2}}));
  std::map<std::string, std::int64_t> numbers;
  for (const ParamGroup& group : model->parameter_groups()) {
    for (const at::Tensor& tensor : group.tensors) numbers[group.name] += tensor.numel();
  }
  EXPECT_EQ(numbers, (std::map<std::string, std::int64_t>{{"stem", 64 * 147 + 128},
                                                          {"layer1", 215808},
                                                          {"layer2-3", 1219584 + 7098368},
                                                          {"layer4", 14964736},
                                                          {"head", 2049}}));
}

TEST(KorhonenSubstitute, ItsRecipeIsTheOriginals) {
  const auto model = substitute();
  const TrainingRecipe& recipe = model->card().recipe;
  EXPECT_EQ(model->card().scale, (ScoreScale{.worst = 0, .best = 1}));
  EXPECT_EQ(recipe.labels, LabelRange::kUnit);
  EXPECT_EQ(recipe.loss, "half-mse");
  EXPECT_EQ(recipe.optimizer, OptimizerKind::kSgd);
  EXPECT_EQ(recipe.learning_rate, 5e-4);
  EXPECT_EQ(recipe.schedule, ScheduleKind::kConstant);
  EXPECT_EQ(recipe.weight_decay, 0.01);
  EXPECT_EQ(recipe.batch_size, 16);
  EXPECT_EQ(recipe.epochs, 2);
  EXPECT_EQ(recipe.crop_side, 0);
  EXPECT_FALSE(recipe.flip);
}

TEST(KorhonenSubstitute, TorchvisionsNamesFillTheBackbone) {
  const auto model = substitute();
  const TensorMap state = model->state();
  const at::Tensor head = state.at("fc.weight").clone();
  TensorMap file{{"fc.weight", at::zeros({1000, 2048})}, {"fc.bias", at::zeros({1000})}};
  for (const auto& [name, tensor] : state) {
    if (!name.starts_with("backbone.") || name.ends_with("num_batches_tracked")) continue;
    file.emplace(name.substr(9), tensor.detach() + 1);
  }
  load_part(*model, model->card().parts.at(0), file);
  for (const char* name : {"conv1.weight", "bn1.running_var", "layer4.2.conv3.weight"}) {
    EXPECT_TRUE(at::equal(state.at("backbone." + std::string(name)), file.at(name))) << name;
  }
  EXPECT_TRUE(at::equal(state.at("fc.weight"), head));
  file.erase("layer1.0.conv1.weight");
  expect_error(ErrorKind::kModel,
               {"backbone.layer1.0.conv1.weight", "korhonen-substitute", "ResNet-50"},
               [&] { load_part(*model, model->card().parts.at(0), file); });
}

}  // namespace korhonen_substitute_test
}  // namespace robiq
