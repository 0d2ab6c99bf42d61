#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/train/loss.h"
#include "support/errors.h"
#include "support/test_files.h"

namespace robiq {
namespace norm_in_norm_test {

using Json = nlohmann::json;

std::unique_ptr<Loss> loss_of(const std::string& spec) {
  return Registry<Loss>::instance().make(parse_spec(spec, "test"), "test");
}

at::Tensor tensor_of(const Json& numbers, at::ScalarType type = at::kDouble) {
  return at::tensor(numbers.get<std::vector<double>>(), at::kDouble).to(type);
}

const Json& fixture() {
  static const Json json = test::read_json(test::fixture_path("models/linearityiqa.json"));
  return json;
}

const Json& vectors(const Json& of_case) {
  return fixture().at("norm_in_norm").at("vectors").at(of_case.at("set").get<std::string>());
}

/// Loss and gradient of one column.
void expect_loss(const Loss& loss, const Json& set, double wanted, const Json& gradient,
                 double relative, at::ScalarType type) {
  const at::Tensor predicted =
      tensor_of(set.at("pred"), type).unsqueeze(1).detach().requires_grad_(true);
  const at::Tensor value = loss.value(predicted, tensor_of(set.at("label"), type));
  EXPECT_EQ(value.dim(), 0);
  EXPECT_NEAR(value.item<double>(), wanted, relative * std::abs(wanted));
  const at::Tensor slope = torch::autograd::grad({value}, {predicted})[0].squeeze(1);
  const at::Tensor expected = tensor_of(gradient);
  EXPECT_LE((slope.to(at::kDouble) - expected).abs().max().item<double>(),
            relative * expected.abs().max().item<double>())
      << slope << expected;
}

std::string spec_of(const Json& c) {
  return fmt::format("norm-in-norm:p={},q={},alpha0={},alpha1={},detach={}",
                     c.at("p").get<double>(), c.at("q").get<double>(),
                     c.at("alpha")[0].get<double>(), c.at("alpha")[1].get<double>(),
                     c.at("detach").get<bool>());
}

TEST(NormInNorm, AgreesWithTheAuthorsCode) {
  std::size_t cases = 0;
  for (const Json& c : fixture().at("norm_in_norm").at("cases")) {
    ASSERT_TRUE(c.at("exponent").get<bool>());
    const std::string spec = spec_of(c);
    const testing::ScopedTrace trace(__FILE__, __LINE__, spec);
    const auto loss = loss_of(spec);
    const Json& wanted = c.at("f64");
    const double value = wanted.at("loss").get<double>();
    expect_loss(*loss, vectors(c), value, wanted.at("grad"), 1e-12, at::kDouble);
    expect_loss(*loss, vectors(c), value, wanted.at("grad"), 1e-5, at::kFloat);
    ++cases;
  }
  EXPECT_EQ(cases, 36U);
}

TEST(NormInNorm, AgreesWithTheAuthorsOtherLosses) {
  // Their linearity loss is half the distance of z-scores: norm-in-norm with p = q = 2.
  const std::map<std::string, std::string> specs{
      {"monotonicity_gamma_0.1", "norm-in-norm:monotonicity=0.1"},
      {"linearity", "norm-in-norm:p=2,q=2"},
      {"mse", "mse"},
      {"mae", "l1"}};
  for (const Json& c : fixture().at("norm_in_norm").at("other_losses")) {
    const std::string& spec = specs.at(c.at("case").get<std::string>());
    const testing::ScopedTrace trace(__FILE__, __LINE__, spec);
    expect_loss(*loss_of(spec), vectors(c), c.at("loss").get<double>(), c.at("grad"), 1e-6,
                at::kDouble);
  }
}

TEST(NormInNorm, WeighsTheScoreAndTheIntermediateOutputs) {
  const Json& c = fixture().at("norm_in_norm").at("composite_beta_0.1_0.1_1");
  const at::Tensor predicted =
      at::stack({tensor_of(c.at("final")), tensor_of(c.at("level6")), tensor_of(c.at("level7"))}, 1)
          .requires_grad_(true);
  const at::Tensor value = loss_of("norm-in-norm")->value(predicted, tensor_of(c.at("labels")));
  EXPECT_NEAR(value.item<double>(), c.at("loss").get<double>(), 1e-6);
  const at::Tensor slope = torch::autograd::grad({value}, {predicted})[0];
  std::int64_t column = 0;
  for (const char* name : {"grad_final", "grad_level6", "grad_level7"}) {
    EXPECT_TRUE(at::allclose(slope.select(1, column++), tensor_of(c.at(name)), 1e-5, 1e-6)) << name;
  }
}

TEST(NormInNorm, OnePictureIsNoDistanceAway) {
  const at::Tensor one = at::tensor({3.0}, at::kDouble).unsqueeze(1).requires_grad_(true);
  const at::Tensor value = loss_of("norm-in-norm")->value(one, at::tensor({50.0}, at::kDouble));
  EXPECT_EQ(value.item<double>(),
            fixture().at("norm_in_norm").at("batch_of_one_loss").get<double>());
  EXPECT_EQ(torch::autograd::grad({value}, {one})[0].item<double>(), 0);
}

TEST(NormInNorm, DoesNotSeeScaleAndOffset) {
  const Json& set = fixture().at("norm_in_norm").at("vectors").at("n8");
  const at::Tensor x = tensor_of(set.at("pred")).unsqueeze(1), y = tensor_of(set.at("label"));
  const auto loss = loss_of("norm-in-norm");
  const double plain = loss->value(x, y).item<double>();
  EXPECT_NEAR(loss->value(7 * x - 40, y / 100).item<double>(), plain, 1e-6);
  EXPECT_NEAR(loss->value(3 * y.unsqueeze(1) + 1, y).item<double>(), 0, 1e-6);
  EXPECT_GT(loss->value(-y.unsqueeze(1), y).item<double>(), 0.5);
}

TEST(NormInNorm, NoShareAtAllIsRefused) {
  expect_error(ErrorKind::kUsage, {"alpha0=0 and alpha1=0", "norm-in-norm", "a share"},
               [] { static_cast<void>(loss_of("norm-in-norm:alpha0=0")); });
}

TEST(LinearMapping, AgreesWithTheAuthorsCode) {
  const Json& c = fixture().at("linear_mapping");
  const at::Tensor outputs = tensor_of(c.at("pred")).unsqueeze(1);
  const LinearMapping map = linear_mapping(outputs, tensor_of(c.at("label")));
  EXPECT_NEAR(map.k.item<double>(), c.at("k").get<double>(), 1e-12 * c.at("k").get<double>());
  EXPECT_NEAR(map.b.item<double>(), c.at("b").get<double>(), 1e-12 * c.at("b").get<double>());
  const at::Tensor mapped = (outputs * map.k + map.b).squeeze(1);
  EXPECT_TRUE(at::allclose(mapped, tensor_of(c.at("mapped")), 1e-12, 1e-12));
}

TEST(LinearMapping, FitsEveryColumnByItself) {
  const at::Tensor x = at::tensor({1.0, 2.0, 4.0}, at::kFloat);
  const at::Tensor outputs = at::stack({x, -2 * x, x + 1000}, 1);
  const LinearMapping map = linear_mapping(outputs, 3 * x + 5);
  EXPECT_TRUE(at::allclose(map.k, at::tensor({3.0, -1.5, 3.0}, at::kDouble), 1e-9, 1e-9));
  EXPECT_TRUE(at::allclose(map.b, at::tensor({5.0, 5.0, -2995.0}, at::kDouble), 1e-9, 1e-9));
}

TEST(LinearMapping, WhatCannotBeFittedIsRefused) {
  const at::Tensor mos = at::tensor({10.0, 20.0}, at::kDouble);
  const auto expect_refused = [&](const at::Tensor& outputs, const char* why) {
    expect_error(ErrorKind::kNumeric, {why, "", "more pictures"}, [&] {
      static_cast<void>(linear_mapping(outputs, mos.narrow(0, 0, outputs.size(0))));
    });
  };
  expect_refused(at::ones({1, 3}), "fewer than two");
  expect_refused(at::full({2, 1}, 0.3), "the same output");
  expect_refused(at::tensor({1.0, NAN}).unsqueeze(1), "not finite");
}

}  // namespace norm_in_norm_test
}  // namespace robiq
