#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "robiq/model/weights/weights.h"
#include "support/errors.h"
#include "support/model_golden.h"

namespace robiq {
namespace linearityiqa_test {

using golden::Golden;
using golden::Precision;

/// With random weights of its own.
std::unique_ptr<QualityModel> linearityiqa() {
  seed_torch_globals(Rng(3));
  auto model = Registry<QualityModel>::instance().make("linearityiqa", {});
  model->set_training(false);
  return model;
}

at::Tensor some_pictures() {
  return at::cat({det::picture({"a", 48, 64}), det::picture({"b", 48, 64, 128, 30}),
                  det::picture({"c", 48, 64, 64, 150})});
}

TEST(LinearityIqa, ItsStateIsTheAuthorsWithTheMap) {
  const Golden golden("linearityiqa");
  const auto model = golden::filled_model(golden, Precision::kFloat);
  golden::expect_state(golden, *model, {"k", "b"});
  for (const char* name : {"k", "b"}) {
    const at::Tensor tensor = model->state().at(name);
    EXPECT_EQ(tensor.sizes(), at::IntArrayRef({3}));
    EXPECT_EQ(tensor.scalar_type(), at::kDouble);
  }
}

class LinearityIqaGolden : public testing::TestWithParam<Precision> {};

TEST_P(LinearityIqaGolden, ScoresAndGradientsAreTheAuthors) {
  const Golden golden("linearityiqa");
  const auto model = golden::filled_model(golden, GetParam());
  for (const auto& of_case : golden.json.at("cases")) {
    golden::expect_case(golden, *model, of_case, GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(Precision, LinearityIqaGolden,
                         testing::Values(Precision::kDouble, Precision::kFloat),
                         [](const auto& which) {
                           return which.param == Precision::kDouble ? "Float64" : "Float32";
                         });

TEST(LinearityIqa, TheMapChangesTheScoreAndNotWhatTheLossSees) {
  const at::NoGradGuard no_grad;
  const auto model = linearityiqa();
  const at::Tensor images = some_pictures();
  const at::Tensor raw = model->training_outputs(images);
  EXPECT_EQ(raw.sizes(), at::IntArrayRef({3, 3}));
  EXPECT_TRUE(at::equal(model->score(images), raw.select(1, 0)));
  TensorMap state = model->state();
  state["k"] = at::tensor({30.0, 1.0, 2.0}, at::kDouble);
  state["b"] = at::tensor({40.0, 3.0, 4.0}, at::kDouble);
  model->load_state(state);
  EXPECT_TRUE(at::allclose(model->score(images), 30 * raw.select(1, 0) + 40));
  EXPECT_TRUE(at::equal(model->training_outputs(images), raw));
}

TEST(LinearityIqa, FilesMayLackTheMap) {
  const auto model = linearityiqa();
  TensorMap state = model->state();
  state.erase("k");
  state.erase("b");
  EXPECT_NO_THROW(model->load_state(state));
  state.erase("regr6.bias");
  expect_error(ErrorKind::kModel, {"missing (1): regr6.bias", "linearityiqa", "*"},
               [&] { model->load_state(state); });
}

TEST(LinearityIqa, TheMapKeepsItsDigitsWhenTheWeightsAreConverted) {
  const auto model = linearityiqa();
  const double k = 30.091087315182051;
  model->state().at("k").fill_(k);
  for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
    model->convert_to(type);
    EXPECT_EQ(model->state().at("k").scalar_type(), at::kDouble);
    EXPECT_EQ(model->state().at("k")[0].item<double>(), k);
    EXPECT_EQ(model->score(some_pictures().to(type)).scalar_type(), type);
  }
}

TEST(LinearityIqa, OnePictureCannotBeNormalisedByItsBatch) {
  const auto model = linearityiqa();
  const at::Tensor one = some_pictures().narrow(0, 0, 1);
  EXPECT_NO_THROW(static_cast<void>(model->score(one)));
  model->set_training(true);
  expect_error(ErrorKind::kData, {"one picture", "linearityiqa", "at least 2 pictures"},
               [&] { static_cast<void>(model->training_outputs(one)); });
  model->set_batch_statistics(false);
  EXPECT_NO_THROW(static_cast<void>(model->training_outputs(one)));
}

TEST(LinearityIqa, TheMapIsNotTrained) {
  const auto model = linearityiqa();
  std::map<std::string, std::int64_t> numbers;
  for (const ParamGroup& group : model->parameter_groups()) {
    for (const at::Tensor& tensor : group.tensors) numbers[group.name] += tensor.numel();
  }
  EXPECT_EQ(numbers.at("backbone"), 21284672);
  EXPECT_EQ(numbers.at("head"), 544704 + 806848 + 65 + 65 + 129);
}

TEST(LinearityIqa, TorchvisionsNamesFillTheBackbone) {
  const auto model = linearityiqa();
  ASSERT_EQ(model->card().parts.size(), 1U);
  TensorMap file{{"fc.weight", at::zeros({1000, 512})}, {"fc.bias", at::zeros({1000})}};
  const TensorMap state = model->state();
  for (const auto& [name, tensor] : state) {
    if (!name.starts_with("features.")) continue;
    const std::string rest = name.substr(10);  // after "features.N"
    const char child = name[9];
    const std::string usual = child == '0'   ? "conv1" + rest
                              : child == '1' ? "bn1" + rest
                                             : "layer" + std::to_string(child - '3') + rest;
    file.emplace(usual, tensor.detach() + 1);
  }
  load_part(*model, model->card().parts[0], file);
  EXPECT_TRUE(at::equal(state.at("features.0.weight"), file.at("conv1.weight")));
  EXPECT_TRUE(at::equal(state.at("features.1.running_mean"), file.at("bn1.running_mean")));
  EXPECT_TRUE(at::equal(state.at("features.7.2.conv2.weight"), file.at("layer4.2.conv2.weight")));
}

}  // namespace linearityiqa_test
}  // namespace robiq
