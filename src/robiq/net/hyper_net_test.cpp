#include "robiq/net/hyper_net.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "support/model_golden.h"
#include "support/net_state.h"

namespace robiq {
namespace hyper_net_test {

using golden::Golden;
using golden::Json;
using golden::Precision;

HyperNet filled_net(const Golden& golden, Precision precision) {
  HyperNet net;
  golden::fill(golden, test::state_of(*net));
  test::convert(*net, golden::scalar_type(precision));
  net->eval();
  return net;
}

at::Tensor normalised(const Golden& golden, const at::Tensor& images) {
  const Json& norm = golden.json.at("normalisation");
  const auto row = [&](const char* key) {
    return golden::doubles(norm.at(key)).to(images.scalar_type()).view({1, 3, 1, 1});
  };
  return (images - row("mean")) / row("std");
}

/// The fixture's name of every value on the way that it tells.
std::map<std::string, at::Tensor> by_name(const HyperNetOutputs& out) {
  return {{"res.maxpool", out.stem},         {"res.layer1", out.stages[0]},
          {"res.layer2", out.stages[1]},     {"res.layer3", out.stages[2]},
          {"res.layer4", out.stages[3]},     {"conv1", out.content},
          {"target_in_vec", out.distortion}, {"target_fc1w", out.weights[0]},
          {"target_fc1b", out.biases[0]},    {"target_fc4w", out.weights[3]},
          {"target_fc5w", out.weights[4]},   {"target_fc5b", out.biases[4]},
          {"target.l1", out.hidden[0]},      {"target.l2", out.hidden[1]},
          {"target.l3", out.hidden[2]}};
}

void expect_activations(const HyperNetOutputs& out, const Json& wanted, double relative) {
  const auto got = by_name(out);
  EXPECT_GE(wanted.size(), 6U);
  for (const auto& [name, statistics] : wanted.items()) {
    ASSERT_TRUE(got.contains(name)) << name;
    golden::expect_statistics(got.at(name), statistics, relative, name);
  }
}

class HyperNetGolden : public testing::TestWithParam<Precision> {
 protected:
  [[nodiscard]] golden::Tolerance tolerance() const { return golden_.tolerance(GetParam()); }
  Golden golden_{"hyperiqa"};
  HyperNet net_ = filled_net(golden_, GetParam());
};

TEST_P(HyperNetGolden, ActivationsAreTheAuthors) {
  const at::NoGradGuard no_grad;
  for (const Json& c : golden_.json.at("cases")) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, c.at("name").get<std::string>());
    const at::Tensor image = golden::pictures({c.at("input").at("image")}, 224, 224, GetParam());
    expect_activations(net_->forward(normalised(golden_, image)),
                       golden::wanted(c).at("activations"), tolerance().activation);
  }
}

TEST_P(HyperNetGolden, BatchStatisticsAreTheAuthors) {
  const Json& block = golden_.json.at("train_mode_forward");
  const Json& wanted = golden::wanted(block);
  const bool exact = GetParam() == Precision::kDouble;
  const double relative = exact ? 1e-7 : 5e-3;
  net_->train();
  const at::Tensor images =
      golden::pictures(block.at("images"), 224, 224, GetParam()).requires_grad_(true);
  const HyperNetOutputs out = net_->forward(normalised(golden_, images));
  golden::expect_numbers(out.score, wanted.at("score"), relative, "score");
  expect_activations(out, wanted.at("activations"), exact ? 1e-9 : 1e-4);
  const at::Tensor gradient = torch::autograd::grad({out.score.sum()}, {images})[0];
  golden::Tolerance loose = tolerance();
  loose.gradient = loose.sample = exact ? 1e-6 : 2e-2;
  loose.fraction = exact ? 1e-5 : 2e-3;
  for (std::int64_t i = 0; i < 2; ++i) {
    golden::expect_gradient(gradient[i],
                            wanted.at("grad_of_sum_of_scores")[static_cast<std::size_t>(i)], loose,
                            "gradient of picture " + std::to_string(i));
  }
  const TensorMap state = test::state_of(*net_);
  for (const auto& [name, statistics] : wanted.at("bn_buffers_after_one_forward").items()) {
    golden::expect_statistics(state.at(name), statistics, exact ? 1e-9 : 1e-5, name);
  }
  EXPECT_EQ(state.at("res.bn1.num_batches_tracked").item<std::int64_t>(), 1);
}

INSTANTIATE_TEST_SUITE_P(Precision, HyperNetGolden,
                         testing::Values(Precision::kDouble, Precision::kFloat),
                         [](const auto& which) {
                           return which.param == Precision::kDouble ? "Float64" : "Float32";
                         });

TEST(HyperNet, TheTargetNetworkIsThePicturesOwn) {
  const at::NoGradGuard no_grad;
  seed_torch_globals(Rng(4));
  HyperNet net;
  net->eval();
  const at::Tensor images = uniform_tensor(Rng(1), {2, 3, 224, 224}, -2, 2, c10::kCPU);
  const HyperNetOutputs out = net->forward(images);
  for (std::int64_t n = 0; n < 2; ++n) {
    at::Tensor x = out.distortion[n];
    for (std::size_t i = 0; i < 5; ++i) {
      x = at::mv(out.weights[i][n], x) + out.biases[i][n];
      if (i < 4) x = x.sigmoid();
    }
    EXPECT_NEAR(x.item<double>(), out.score[n].item<double>(), 1e-4 * std::abs(x.item<double>()));
  }
  EXPECT_FALSE(at::allclose(out.weights[0][0], out.weights[0][1]));
}

TEST(HyperNet, BeginsAsTheAuthorsDo) {
  seed_torch_globals(Rng(4));
  const HyperNet net;
  const TensorMap state = test::state_of(*net);
  const auto deviation = [&](const char* name) { return state.at(name).std(false).item<double>(); };
  // Kaiming normal, over the inputs; the ResNet's over the outputs; torch's default for conv1.*.
  EXPECT_NEAR(deviation("fc1w_conv.weight"), std::sqrt(2.0 / (112 * 9)), 1e-3);
  EXPECT_NEAR(deviation("fc1b_fc.weight"), std::sqrt(2.0 / 112), 3e-3);
  EXPECT_NEAR(deviation("res.lda4_fc.weight"), std::sqrt(2.0 / 2048), 1e-3);
  EXPECT_NEAR(deviation("res.lda2_pool.0.weight"), std::sqrt(2.0 / 512), 2e-3);
  EXPECT_NEAR(deviation("res.layer2.0.conv2.weight"), std::sqrt(2.0 / (128 * 9)), 1e-3);
  EXPECT_NEAR(deviation("conv1.0.weight"), std::sqrt(1.0 / (3 * 2048)), 1e-3);
  EXPECT_LE(state.at("fc1w_conv.bias").abs().max().item<double>(), 1 / std::sqrt(112.0 * 9));
}

}  // namespace hyper_net_test
}  // namespace robiq
