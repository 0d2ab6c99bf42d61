#include "robiq/net/convolution_norm.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <string>

#include "robiq/net/hyper_net.h"
#include "robiq/net/linearity_net.h"
#include "robiq/net/resnet.h"
#include "robiq/net/scnn.h"
#include "robiq/tensor/precision.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace convolution_norm_test {

using Score = std::function<at::Tensor(const at::Tensor&)>;

/// Statistics and scales that a trained network could have, so that nothing folds to itself.
void scatter(torch::nn::Module& net) {
  const at::NoGradGuard no_grad;
  seed_torch_globals(Rng(3));
  for (const auto& module : net.modules()) {
    auto* const norm = module->as<torch::nn::BatchNorm2dImpl>();
    if (norm == nullptr) continue;
    norm->weight.uniform_(0.5, 1.0);
    norm->bias.normal_(0, 0.1);
    norm->running_mean.normal_(0, 0.1);
    norm->running_var.uniform_(0.5, 2);
  }
}

void freeze(torch::nn::Module& net) {
  net.eval();
  for (at::Tensor& parameter : net.parameters()) parameter.requires_grad_(false);
}

struct Result {
  at::Tensor scores, gradient, without_graph;  ///< the last: scores again, where rectifiers join
};

Result result_of(const Score& score, const at::Tensor& images) {
  const at::Tensor leaf = images.detach().requires_grad_(true);
  const at::Tensor scores = score(leaf);
  const at::Tensor gradient = torch::autograd::grad({scores.sum()}, {leaf})[0];
  const at::NoGradGuard no_grad;
  return {scores.detach(), gradient, score(leaf)};
}

struct Exactly {
  Exactly() { set_exact_networks(true); }
  ~Exactly() { set_exact_networks(false); }
};

/// |a - b| by the l1 norm of b, in float64.
double distance(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor exact = b.to(at::kDouble);
  return ((a.to(at::kDouble) - exact).abs().sum() / exact.abs().sum()).item<double>();
}

/// What folding and not folding compute, in one type of numbers.
struct Pair {
  Result folded, exact;
};

Pair both_of(const Score& score, const at::Tensor& images) {
  Pair pair;
  pair.folded = result_of(score, images);
  const Exactly exactly;
  pair.exact = result_of(score, images);
  return pair;
}

/// In float64 both forms agree. In float32 each is off by rounding, and its gradient by more: an
/// activation near 0 may fall on either side of its rectifier, in either form. So float64 judges
/// both, and folding must be no worse: how many activations change sides is chance, and differs
/// from processor to processor, so that up to four times as much passes.
void expect_folding_to_be_no_worse(torch::nn::Module& net, const Score& score,
                                   const at::Tensor& images) {
  scatter(net);
  freeze(net);
  const Pair single = both_of(score, images);
  net.to(at::kDouble);
  const Pair judge = both_of(score, images.to(at::kDouble));
  ASSERT_FALSE(at::equal(single.folded.gradient, single.exact.gradient)) << "nothing was folded";
  ASSERT_FALSE(at::equal(judge.folded.gradient, judge.exact.gradient)) << "nothing was folded";
  EXPECT_LT(distance(judge.folded.scores, judge.exact.scores), 1e-9);
  EXPECT_LT(distance(judge.folded.gradient, judge.exact.gradient), 1e-9);
  EXPECT_LT(distance(single.folded.scores, single.exact.scores), 1e-5);
  EXPECT_LT(distance(judge.folded.without_graph, judge.exact.scores), 1e-9);
  EXPECT_LT(distance(single.folded.without_graph, single.exact.scores), 1e-5);
  const double folded = distance(single.folded.gradient, judge.exact.gradient);
  const double exact = distance(single.exact.gradient, judge.exact.gradient);
  testing::Test::RecordProperty("folded", std::to_string(folded));
  testing::Test::RecordProperty("exact", std::to_string(exact));
  testing::Test::RecordProperty(
      "apart", std::to_string(distance(single.folded.gradient, single.exact.gradient)));
  EXPECT_LT(folded, std::max(4 * exact, 1e-5)) << "unfolded: " << exact;
}

TEST(ConvolutionNorm, FoldedHyperNetIsNoWorseThanTheUnfolded) {
  seed_torch_globals(Rng(1));
  HyperNet net;
  const at::Tensor images = at::randn({2, 3, 224, 224});
  expect_folding_to_be_no_worse(
      *net, [&](const at::Tensor& x) { return net->forward(x).score; }, images);
}

TEST(ConvolutionNorm, FoldedLinearityNetIsNoWorseThanTheUnfolded) {
  seed_torch_globals(Rng(1));
  LinearityNet net;
  const at::Tensor images = at::randn({1, 3, 130, 161});
  expect_folding_to_be_no_worse(
      *net, [&](const at::Tensor& x) { return net->forward(x).final; }, images);
}

TEST(ConvolutionNorm, ConvolutionsWithABiasFoldToo) {
  seed_torch_globals(Rng(1));
  ScnnFeatures net;
  const at::Tensor images = at::randn({2, 3, 40, 56});
  expect_folding_to_be_no_worse(
      *net,
      [&](const at::Tensor& x) {
        return net->forward(x).square().mean({1, 2, 3});
      },
      images);
}

/// One layer whose parts a test can change.
struct Layer {
  torch::nn::Conv2d conv{torch::nn::Conv2dOptions(3, 4, 3).padding(1).bias(false)};
  torch::nn::BatchNorm2d norm{4};
  ConvolutionNorm both{conv, norm};
  at::Tensor x = at::randn({2, 3, 9, 9});

  Layer() {
    scatter(*norm);
    conv->eval();
    norm->eval();
  }
  [[nodiscard]] at::Tensor plain() { return norm->forward(conv->forward(x)); }
  [[nodiscard]] bool folds() { return both.forward(x).sub(plain()).abs().max().item<double>() > 0; }
};

TEST(ConvolutionNorm, ChangedTensorsAreFoldedAnew) {
  const at::NoGradGuard no_grad;
  Layer layer;
  const auto check = [&](const char* what) {
    EXPECT_TRUE(at::allclose(layer.both.forward(layer.x), layer.plain(), 1e-5, 1e-5)) << what;
  };
  check("new");
  layer.conv->weight.mul_(2);
  check("weight");
  layer.norm->weight.mul_(2);
  check("scale");
  layer.norm->bias.add_(1);
  check("shift");
  layer.norm->running_mean.add_(1);
  check("mean");
  layer.norm->running_var.data().mul_(3);  // not counted as a change
  check("variance");
  layer.conv->weight.set_data(layer.conv->weight * 3);
  check("memory");
}

TEST(ConvolutionNorm, TheRectifierJoinsWhateverTheSizeAndAfterEveryChange) {
  const at::NoGradGuard no_grad;
  Layer layer;
  const auto check = [&](const char* what) {
    const at::Tensor wanted = layer.plain().relu();
    EXPECT_TRUE(at::allclose(layer.both.rectified(layer.x), wanted, 1e-5, 1e-5)) << what;
  };
  check("new");
  layer.x = at::randn({5, 3, 9, 9});
  check("more pictures");
  layer.x = at::randn({2, 3, 12, 7});
  check("another size");
  layer.x = at::randn({2, 3, 9, 9}).contiguous(at::MemoryFormat::ChannelsLast);
  check("channels last");
  layer.conv->weight.mul_(2);
  check("weight");
  layer.norm->running_mean.add_(1);
  check("mean");
}

TEST(ConvolutionNorm, TheRectifierKeepsTheGradient) {
  Layer layer;
  freeze(*layer.conv);
  freeze(*layer.norm);
  layer.x.requires_grad_(true);
  const auto slope = [&](const at::Tensor& y) {
    return torch::autograd::grad({y.square().sum()}, {layer.x})[0];
  };
  EXPECT_TRUE(
      at::allclose(slope(layer.both.rectified(layer.x)), slope(layer.plain().relu()), 1e-4, 1e-4));
}

TEST(ConvolutionNorm, NoRectifierHidesANaN) {
  const at::NoGradGuard no_grad;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Layer layer;
  layer.norm->bias[0] = nan;
  EXPECT_TRUE(layer.both.rectified(layer.x).select(1, 0).isnan().all().item<bool>());
  HyperNet net;
  freeze(*net);
  const at::Tensor images = at::randn({2, 3, 224, 224});
  images[1][0][100][100] = nan;
  const at::Tensor scores = net->forward(images).score;
  EXPECT_FALSE(scores[0].isnan().item<bool>());
  EXPECT_TRUE(scores[1].isnan().item<bool>());
}

TEST(ConvolutionNorm, ANaNAnywhereReachesTheLastStage) {
  const at::NoGradGuard no_grad;
  ResNet net(resnet34());
  freeze(*net);
  for (const std::int64_t place : {32, 33, 34, 35, 36, 37, 38}) {
    at::Tensor images = at::randn({1, 3, 72, 72});
    images[0][0][place][place] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(net->stages(net->stem(images)).back().isnan().any().item<bool>()) << place;
  }
}

TEST(ConvolutionNorm, ScoresAreTheSameNumbersWithAGraph) {
  seed_torch_globals(Rng(1));
  HyperNet net;
  scatter(*net);
  freeze(*net);
  at::Tensor images = at::randn({2, 3, 224, 224});
  const at::Tensor with_graph = net->forward(images.requires_grad_(true)).score.detach();
  const at::NoGradGuard no_grad;
  EXPECT_TRUE(at::equal(with_graph, net->forward(images).score));
}

TEST(ConvolutionNorm, WhatWasFoldedInInferenceModeServesGradients) {
  Layer layer;
  freeze(*layer.conv);
  freeze(*layer.norm);
  {
    const c10::InferenceMode inference;
    static_cast<void>(layer.both.rectified(layer.x));
    static_cast<void>(layer.both.forward(layer.x));
  }
  const at::Tensor leaf = layer.x.clone().requires_grad_(true);
  for (const at::Tensor& y : {layer.both.rectified(leaf), layer.both.forward(leaf)}) {
    const at::Tensor slope = torch::autograd::grad({y.square().sum()}, {leaf})[0];
    EXPECT_GT(slope.abs().max().item<double>(), 0);
  }
}

TEST(ConvolutionNorm, TheRectifiedCanBeDifferentiatedTwice) {
  Layer layer;
  freeze(*layer.conv);
  freeze(*layer.norm);
  const at::Tensor leaf = layer.x.clone().requires_grad_(true);
  const auto second = [&](const at::Tensor& y) {
    const at::Tensor slope = torch::autograd::grad({y.pow(3).sum()}, {leaf}, {}, true, true)[0];
    return torch::autograd::grad({slope.square().sum()}, {leaf})[0];
  };
  EXPECT_TRUE(at::allclose(second(layer.both.rectified(leaf)),
                           second(layer.norm->forward(layer.conv->forward(leaf)).relu()), 1e-3,
                           1e-3));
}

TEST(ConvolutionNorm, WhatTrainsIsNeverFolded) {
  Layer layer;
  EXPECT_FALSE(layer.folds()) << "its weights want gradients";
  {
    const at::NoGradGuard no_grad;
    EXPECT_TRUE(layer.folds());
    layer.conv->train();
    EXPECT_FALSE(layer.folds()) << "training with running statistics";
    layer.conv->eval();
  }
  freeze(*layer.conv);
  freeze(*layer.norm);
  EXPECT_TRUE(layer.folds());
}

TEST(ConvolutionNorm, ExactAndBfloat16StayUnfolded) {
  const at::NoGradGuard no_grad;
  Layer layer;
  {
    const Exactly exactly;
    EXPECT_FALSE(layer.folds());
  }
  const ScopedBfloat16 bfloat16(c10::kCPU);
  EXPECT_TRUE(at::equal(layer.both.forward(layer.x), layer.plain()));
}

}  // namespace convolution_norm_test
}  // namespace robiq
