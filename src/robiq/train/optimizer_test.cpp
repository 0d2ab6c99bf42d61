#include "robiq/train/optimizer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/core/error.h"
#include "support/errors.h"

namespace robiq {
namespace optimizer_test {

at::Tensor one() { return at::ones({1}).requires_grad_(true); }

/// A step with gradient 1 everywhere.
void step(Optimizer& optimizer) {
  optimizer.zero_grad();
  for (const at::Tensor& tensor : optimizer.parameters()) {
    tensor.mutable_grad() = at::ones_like(tensor);
  }
  optimizer.step();
}

TEST(Optimizer, EveryNamedOneMovesAgainstTheGradient) {
  for (const OptimizerKind kind :
       {OptimizerKind::kAdam, OptimizerKind::kAdamw, OptimizerKind::kSgd}) {
    const at::Tensor weight = one();
    Optimizer optimizer({.kind = kind, .learning_rate = 0.1}, {{"all", {weight}}});
    step(optimizer);
    EXPECT_NEAR(weight.item<float>(), 0.9, 1e-5) << word_of(kind);
  }
}

TEST(Optimizer, GroupsHaveTheirOwnRates) {
  const at::Tensor backbone = one(), head = one();
  Optimizer optimizer(
      {.kind = OptimizerKind::kSgd, .learning_rate = 0.1, .group_rates = {{"backbone", 0.1}}},
      {{"backbone", {backbone}}, {"head", {head}}});
  step(optimizer);
  EXPECT_NEAR(backbone.item<float>(), 0.99, 1e-6);
  EXPECT_NEAR(head.item<float>(), 0.9, 1e-6);
  optimizer.set_rate_factor(0);
  step(optimizer);
  EXPECT_NEAR(head.item<float>(), 0.9, 1e-6);
}

TEST(Optimizer, ZeroGradForgetsGradients) {
  const at::Tensor weight = one();
  Optimizer optimizer({}, {{"all", {weight}}});
  weight.mutable_grad() = at::ones({1});
  optimizer.zero_grad();
  EXPECT_FALSE(weight.grad().defined());
}

TEST(Optimizer, ItsStateContinuesTheWalk) {
  const OptimizerOptions options{.kind = OptimizerKind::kAdam, .learning_rate = 0.1};
  const at::Tensor whole = one(), part = one(), fresh = one();
  Optimizer unbroken(options, {{"all", {whole}}}), first(options, {{"all", {part}}}),
      without(options, {{"all", {fresh}}});
  for (const double gradient : {1.0, -2.0, 0.5, 0.25}) {
    whole.mutable_grad() = at::full({1}, gradient, at::kFloat);
    unbroken.step();
  }
  for (const double gradient : {1.0, -2.0}) {
    part.mutable_grad() = at::full({1}, gradient, at::kFloat);
    first.step();
  }
  const at::Tensor rest = part.detach().clone().requires_grad_(true);
  fresh.data().copy_(part.data());
  Optimizer second(options, {{"all", {rest}}});
  second.load_state(first.state());
  for (const double gradient : {0.5, 0.25}) {
    rest.mutable_grad() = at::full({1}, gradient, at::kFloat);
    second.step();
    fresh.mutable_grad() = at::full({1}, gradient, at::kFloat);
    without.step();
  }
  EXPECT_TRUE(at::equal(rest, whole));
  EXPECT_FALSE(at::equal(fresh, whole)) << "without the state it would be another walk";
}

TEST(Optimizer, StatesOfOthersAreRefusedAndChangeNothing) {
  const at::Tensor parameter = one();
  Optimizer adam({}, {{"all", {parameter}}});
  parameter.mutable_grad() = at::ones({1});
  adam.step();
  const TensorMap good = adam.state();
  ASSERT_EQ(good.size(), 3U);
  const auto refuses = [&](const std::string& name, const at::Tensor& tensor,
                           const std::string& what) {
    TensorMap bad = good;
    bad.erase(name);
    if (tensor.defined()) bad[name] = tensor;
    expect_error(ErrorKind::kModel, {what, "optimizer.safetensors", "anew"},
                 [&] { adam.load_state(bad); });
    EXPECT_TRUE(at::equal(adam.state().at("0.0.exp_avg"), good.at("0.0.exp_avg")));
  };
  refuses("0.0.exp_avg", {}, "0.0.exp_avg is missing");
  refuses("0.0.step", {}, "holds '0.0.exp_avg', which no parameter has");
  refuses("0.0.exp_avg", at::zeros({2}), "another shape or type");
  refuses("0.0.exp_avg_sq", at::zeros({1}, at::kDouble), "another shape or type");
  refuses("0.0.step", at::zeros({1}, at::kLong), "not a count of steps");
  refuses("0.0.step", at::scalar_tensor(0, at::kLong), "not a count of steps");
  refuses("0.0.step", at::scalar_tensor(1.5, at::kDouble), "not a count of steps");
  refuses("1.0.step", at::scalar_tensor(1, at::kLong), "holds '1.0.step'");
  refuses("0.0.momentum_buffer", at::zeros({1}), "holds '0.0.momentum_buffer'");
}

TEST(Optimizer, EveryKindGoesOnFromItsState) {
  for (const OptimizerKind kind :
       {OptimizerKind::kAdam, OptimizerKind::kAdamw, OptimizerKind::kSgd}) {
    const at::Tensor a = one(), b = one();
    const OptimizerOptions options{.kind = kind, .learning_rate = 0.1, .weight_decay = 0.01};
    Optimizer first(options, {{"all", {a}}}), second(options, {{"all", {b}}});
    second.load_state(first.state());  // of no step yet
    for (int i = 0; i < 4; ++i) {
      if (i == 2) {
        b.data().copy_(a.data());
        second.load_state(first.state());
      }
      for (const at::Tensor& one : {a, b}) one.mutable_grad() = at::full({1}, 1.0 + i);
      first.step();
      if (i >= 2) second.step();
    }
    EXPECT_TRUE(at::equal(a, b)) << word_of(kind);
  }
}

TEST(Optimizer, GroupsThatAreNotScheduledKeepTheirRate) {
  const at::Tensor backbone = one(), head = one();
  Optimizer optimizer(
      {.kind = OptimizerKind::kSgd, .learning_rate = 0.1, .unscheduled = {"backbone"}},
      {{"backbone", {backbone}}, {"head", {head}}});
  optimizer.set_rate_factor(0);
  step(optimizer);
  EXPECT_NEAR(backbone.item<float>(), 0.9, 1e-6);
  EXPECT_EQ(head.item<float>(), 1);
}

TEST(Optimizer, OnlyGroupsThatLearnAreMovedOrDecayed) {
  const at::Tensor backbone = one(), head = one();
  Optimizer optimizer({.kind = OptimizerKind::kAdam,
                       .learning_rate = 0.1,
                       .group_rates = {{"backbone", 0.5}},
                       .weight_decay = 0.1},
                      {{"backbone", {backbone}}, {"head", {head}}});
  EXPECT_DOUBLE_EQ(optimizer.first_rate(0.1), 0.005);
  step(optimizer);
  const float moved = backbone.item<float>();
  optimizer.learn_only({"head"});
  EXPECT_FALSE(backbone.requires_grad());
  EXPECT_EQ(optimizer.parameters().size(), 1U);
  EXPECT_DOUBLE_EQ(optimizer.first_rate(0.1), 0.01);
  step(optimizer);
  EXPECT_EQ(backbone.item<float>(), moved) << "its moments would have moved it on";
  EXPECT_LT(head.item<float>(), 0.85);
  optimizer.learn_only({});
  EXPECT_TRUE(backbone.requires_grad());
  step(optimizer);
  EXPECT_LT(backbone.item<float>(), moved);
  expect_error(ErrorKind::kInternal, {"'neck'", "", ""}, [&] { optimizer.learn_only({"neck"}); });
}

TEST(Optimizer, RestartedItForgetsItsMoments) {
  const at::Tensor weight = one();
  Optimizer optimizer({.kind = OptimizerKind::kSgd, .learning_rate = 0.1}, {{"all", {weight}}});
  step(optimizer);
  optimizer.restart();
  step(optimizer);
  EXPECT_NEAR(weight.item<float>(), 0.8, 1e-6) << "with momentum 0.71";
}

}  // namespace optimizer_test
}  // namespace robiq
