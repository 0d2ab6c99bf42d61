#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/model/weights/weights.h"
#include "support/errors.h"
#include "support/model_golden.h"

namespace robiq {
namespace hyperiqa_test {

using golden::Golden;
using golden::Precision;

std::unique_ptr<QualityModel> hyperiqa() {
  return Registry<QualityModel>::instance().make("hyperiqa", {});
}

TEST(HyperIqa, ItsStateIsTheAuthors) {
  const Golden golden("hyperiqa");
  golden::expect_state(golden, *golden::filled_model(golden, Precision::kFloat));
}

class HyperIqaGolden : public testing::TestWithParam<Precision> {};

TEST_P(HyperIqaGolden, ScoresAndGradientsAreTheAuthors) {
  const Golden golden("hyperiqa");
  const auto model = golden::filled_model(golden, GetParam());
  for (const auto& of_case : golden.json.at("cases")) {
    golden::expect_case(golden, *model, of_case, GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(Precision, HyperIqaGolden,
                         testing::Values(Precision::kDouble, Precision::kFloat),
                         [](const auto& which) {
                           return which.param == Precision::kDouble ? "Float64" : "Float32";
                         });

TEST(HyperIqa, TheBackboneLearnsMoreSlowly) {
  const auto model = hyperiqa();
  std::map<std::string, std::int64_t> numbers;
  for (const ParamGroup& group : model->parameter_groups()) {
    for (const at::Tensor& tensor : group.tensors) numbers[group.name] += tensor.numel();
  }
  EXPECT_EQ(numbers.at("backbone"), 23508032 + 475360);
  EXPECT_EQ(numbers.at("head"), 2680432 + 711545);
  EXPECT_EQ(model->card().recipe.group_rates.at("backbone"), 0.1);
}

TEST(HyperIqa, TakesCropsOf224AndNothingElse) {
  const auto model = hyperiqa();
  model->set_training(false);
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{1, 3, 225, 225}, {1, 3, 224, 225}, {1, 3, 223, 224}}) {
    expect_error(ErrorKind::kData, {"not what the model takes", "hyperiqa", "224x224"},
                 [&] { static_cast<void>(model->score(at::zeros(shape))); });
  }
}

TEST(HyperIqa, BeginsWithTheResNetOfAKorhonenSubstitute) {
  const auto model = hyperiqa();
  const auto trained = Registry<QualityModel>::instance().make("korhonen-substitute", {});
  const at::Tensor branch = model->state().at("res.lda1_fc.weight").clone();
  load_part(*model, model->card().parts.at(0), trained->state());
  for (const auto& [name, tensor] : trained->state()) {
    if (!name.starts_with("backbone.") || name.ends_with("num_batches_tracked")) continue;
    EXPECT_TRUE(at::equal(model->state().at("res." + name.substr(9)), tensor)) << name;
  }
  EXPECT_TRUE(at::equal(model->state().at("res.lda1_fc.weight"), branch));
}

/// IQA-PyTorch's name of a tensor, from its definition of the network.
std::string pyiqa_name(const std::string& name) {
  if (name.starts_with("res.lda")) {
    const int branch = name[7] - '1';
    const std::string part = "lda_modules." + std::to_string(branch);
    const std::string rest = name.substr(name.find('.', 7));
    // Convolution, pooling, flattening, linear layer; the fourth has no convolution.
    if (name.substr(8).starts_with("_pool")) return part + rest;
    return part + (branch == 3 ? ".2" : ".3") + rest;
  }
  if (name.starts_with("res.")) return "base_model." + name.substr(4);
  if (!name.starts_with("fc")) return name;
  const int layer = name[2] - '1';
  const std::string rest = name.substr(name.find('.'));
  const std::string number = std::to_string(layer);
  if (name[3] == 'b') return "fc_b_modules." + number + ".2" + rest;
  return "fc_w_modules." + number + (layer == 4 ? ".2" : "") + rest;
}

TEST(HyperIqa, ReadsTheNamesOfPyiqa) {
  const Golden golden("hyperiqa");
  const auto model = golden::filled_model(golden, Precision::kFloat);
  TensorMap file;
  for (const auto& [name, tensor] : model->state()) file.emplace(pyiqa_name(name), tensor);
  EXPECT_TRUE(file.contains("lda_modules.3.2.bias") && file.contains("fc_w_modules.4.2.weight"));
  const FittedNames fitted = fit_names(file, model->card());
  ASSERT_NE(fitted.layout, nullptr);
  EXPECT_EQ(fitted.layout->name, "pyiqa");
  EXPECT_EQ(fitted.layout->scale, (ScoreScale{.worst = 0, .best = 1}));
  const TensorMap state = model->state();
  ASSERT_EQ(fitted.tensors.size(), state.size());
  for (const auto& [name, tensor] : state) {
    ASSERT_TRUE(fitted.tensors.contains(name)) << name;
    EXPECT_TRUE(fitted.tensors.at(name).is_same(file.at(pyiqa_name(name)))) << name;
  }
  EXPECT_EQ(fit_names(state, model->card()).layout, nullptr) << "the authors' own names";
}

TEST(HyperIqa, TorchvisionsNamesFillTheBackbone) {
  const auto model = hyperiqa();
  ASSERT_EQ(model->card().parts.size(), 1U);
  const TensorMap state = model->state();
  const at::Tensor branch = state.at("res.lda1_fc.weight").clone();
  TensorMap file{{"fc.weight", at::zeros({1000, 2048})}, {"fc.bias", at::zeros({1000})}};
  for (const auto& [name, tensor] : state) {
    if (!name.starts_with("res.") || name.starts_with("res.lda")) continue;
    if (name.ends_with("num_batches_tracked")) continue;  // old files have none
    file.emplace(name.substr(4), tensor.detach() + 1);
  }
  load_part(*model, model->card().parts[0], file);
  for (const char* name : {"conv1.weight", "bn1.running_var", "layer4.2.conv3.weight"}) {
    EXPECT_TRUE(at::equal(state.at("res." + std::string(name)), file.at(name))) << name;
  }
  EXPECT_TRUE(at::equal(state.at("res.lda1_fc.weight"), branch));
  file.erase("layer1.0.conv1.weight");
  expect_error(ErrorKind::kModel, {"res.layer1.0.conv1.weight", "hyperiqa", "ResNet-50"},
               [&] { load_part(*model, model->card().parts[0], file); });
}

}  // namespace hyperiqa_test
}  // namespace robiq
