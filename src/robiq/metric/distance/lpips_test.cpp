#include "robiq/metric/distance/lpips.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <map>

#include "robiq/metric/distance/fidelity.h"
#include "support/errors.h"
#include "support/picture_pair.h"
#include "support/trunk_files.h"

namespace robiq {
namespace lpips_test {

using Json = nlohmann::json;

/// LPIPS with the authors' heads over trunks made from names; made once a network.
class LpipsGolden : public testing::Test {
 protected:
  void SetUp() override {
    if (test::shared_path("weights/lpips_vgg.pth").empty()) GTEST_SKIP() << "no LPIPS heads here";
  }

  static std::string heads(const std::string& net) {
    return test::shared_path("weights/lpips_" + net + ".pth").string();
  }
  static const Lpips& lpips(const std::string& net) {
    static std::map<std::string, Lpips> made;
    const auto it = made.find(net);
    if (it != made.end()) return it->second;
    return made.emplace(net, Lpips({net, heads(net), test::trunk_file(net)})).first->second;
  }
  /// "vgg_IQA_pytorch", another program's LPIPS, is the same.
  static std::string net_of(const Json& c) {
    const std::string net = c.at("net");
    return net == "vgg_IQA_pytorch" ? "vgg" : net;
  }

  [[nodiscard]] double near(double value) const {
    return fixture_.at("tolerance").at("value_rel").get<double>() * value;
  }
  void expect_near(const at::Tensor& value, double wanted, const std::string& what) const {
    EXPECT_NEAR(value.item<double>(), wanted, near(wanted)) << what;
  }
  void expect_case(const Json& c) const {
    const Lpips& measure = lpips(net_of(c));
    const auto [x, y] = test::picture_pair(c.at("x"), c.at("y"));
    const at::Tensor parts = measure.parts(x, y), value = parts.sum();
    expect_near(value, c.at("lpips"), "lpips");
    const at::Tensor gradient = torch::autograd::grad({value}, {y})[0];
    test::expect_gradient(c, gradient, fixture_.at("tolerance").at("grad_rel_to_linf"));
    if (!c.contains("per_layer")) return;
    ASSERT_EQ(parts.size(1), static_cast<std::int64_t>(c.at("per_layer").size()));
    for (std::int64_t k = 0; k < parts.size(1); ++k) {
      // A stage may be small beside the sum: squared differences of features that are nearly equal.
      constexpr double kRounding = 1e-10;
      const double wanted = c.at("per_layer").at(static_cast<std::size_t>(k));
      EXPECT_NEAR(parts[0][k].item<double>(), wanted, near(wanted) + kRounding) << "one stage";
    }
    // Without that flag the authors' code takes values in [-1,1].
    const at::NoGradGuard no_grad;
    expect_near(measure.compare((x + 1) / 2, (y + 1) / 2), c.at("without_normalize_flag"),
                "values meant for [-1,1]");
  }

  Json fixture_ = test::read_json(test::fixture_path("attacks/lpips.json"));
};

TEST_F(LpipsGolden, ValuesPartsAndGradientsOfTheAuthorsCode) {
  ASSERT_EQ(fixture_.at("cases").size(), 12U);
  for (const Json& c : fixture_.at("cases")) {
    SCOPED_TRACE(c.at("net").get<std::string>() + " " + c.at("x").dump());
    expect_case(c);
  }
}

TEST_F(LpipsGolden, FeaturesOfTheTrunks) {
  const at::NoGradGuard no_grad;
  for (const std::string net : {"alex", "squeeze", "vgg"}) {
    const FeatureTrunk trunk = feature_trunk(net, test::trunk_file(net), "lpips");
    std::size_t count = 0;
    for (const Json& c : fixture_.at("cases")) {
      if (c.at("net") != net) continue;
      SCOPED_TRACE(net + " " + c.at("x").dump());
      ++count;
      const auto stages = trunk.stages(det::picture(det::image_spec(c.at("x"))));
      ASSERT_EQ(stages.size(), c.at("trunk_feature_l2").size());
      for (std::size_t k = 0; k < stages.size(); ++k) {
        EXPECT_EQ(stages[k].size(1), trunk.channels[k]);
        expect_near(stages[k].norm(), c.at("trunk_feature_l2")[k], "stage " + std::to_string(k));
      }
    }
    EXPECT_EQ(count, 3U);
  }
}

TEST_F(LpipsGolden, EveryPictureOfABatchByItself) {
  const at::Tensor x = det::picture({"a", 40, 36}), y = det::picture({"b", 40, 36});
  for (const char* const net : {"alex", "squeeze", "vgg"}) {
    const at::Tensor values = lpips(net).compare(at::cat({x, x}), at::cat({y, x}));
    ASSERT_EQ(values.sizes(), at::IntArrayRef({2}));
    EXPECT_NEAR(values[0].item<double>(), lpips(net).compare(x, y).item<double>(), 1e-6);
    EXPECT_EQ(values[1].item<double>(), 0.0) << net;
  }
}

TEST_F(LpipsGolden, TheSmallestPicturesAndOneLess) {
  const std::map<std::string, std::int64_t> least = {{"alex", 31}, {"squeeze", 17}, {"vgg", 16}};
  for (const auto& [net, side] : least) {
    const at::Tensor x = det::picture({"a", side, side}), y = det::picture({"b", side, side});
    EXPECT_GT(lpips(net).compare(x, y).item<double>(), 0) << net;
    const std::string text = std::to_string(side);
    expect_error(ErrorKind::kData,
                 {"too small for lpips", "lpips", "at least " + text + "x" + text},
                 [&, &name = net] {
                   static_cast<void>(lpips(name).compare(x.narrow(3, 0, x.size(3) - 1),
                                                         y.narrow(3, 0, y.size(3) - 1)));
                 });
  }
}

TEST_F(LpipsGolden, RegisteredAndMadeFromOptions) {
  const auto& registry = Registry<Fidelity>::instance();
  const auto fidelity =
      registry.make("lpips", Params{{"net", {std::string("alex"), "test"}},
                                    {"heads", {heads("alex"), "test"}},
                                    {"trunk", {test::trunk_file("alex"), "test"}}});
  const at::Tensor x = det::picture({"a", 40, 36}), y = det::picture({"b", 40, 36});
  EXPECT_EQ(fidelity->compare(x, y).item<double>(), lpips("alex").compare(x, y).item<double>());
  EXPECT_FALSE(fidelity->higher_is_closer());
}

TEST_F(LpipsGolden, HeadsOfAnotherNetworkAreRefused) {
  expect_error(
      ErrorKind::kModel,
      {"'lin1.model.1.weight' is [1, 192, 1, 1], not [1, 128, 1, 1]", "lpips_alex.pth",
       "LPIPS's own weights for net=vgg as heads of lpips: vgg.pth from lpips/weights/v0.1/"},
      [] {
        Lpips({"vgg", heads("alex"), test::trunk_file("vgg")});
      });
}

TEST(LpipsFiles, EachIsAskedForByName) {
  expect_error(ErrorKind::kUsage,
               {"lpips needs a file with LPIPS's own weights for net=squeeze", "lpips",
                "give heads=FILE: squeeze.pth from lpips/weights/v0.1/"},
               [] {
                 Lpips({"squeeze", "", ""});
               });
  const std::string any_file = test::trunk_file("alex");
  for (const auto& [net, network, file] :
       {std::array{"vgg", "VGG-16", "vgg16-397923af.pth"},
        std::array{"alex", "AlexNet", "alexnet-owt-7be5be79.pth"},
        std::array{"squeeze", "SqueezeNet 1.1", "squeezenet1_1-b8a52dc0.pth"}}) {
    const std::string text = net;
    expect_error(ErrorKind::kUsage,
                 {std::string("lpips needs a file with the weights of torchvision's ") + network,
                  "lpips", std::string("give trunk=FILE: ") + file},
                 [&] {
                   Lpips({text, any_file, ""});
                 });
  }
}

TEST(LpipsFiles, WhatDoesNotFitIsRefused) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "trunk.safetensors").string();
  const auto load = [&] { static_cast<void>(feature_trunk("alex", file, "lpips")); };
  expect_error(ErrorKind::kModel, {"there is no file", "", "check the path"}, load);
  const std::string hint = "give the weights of torchvision's AlexNet as trunk of lpips";
  const auto changed = [&](const std::string& name, const at::Tensor& tensor) {
    TensorMap tensors = test::trunk_tensors("alex");
    tensors.erase(name);
    if (tensor.defined()) tensors[name] = tensor;
    write_safetensors(file, {tensors, {}});
  };
  changed("features.8.bias", {});
  expect_error(ErrorKind::kModel, {"no tensor 'features.8.bias'", file, hint}, load);
  changed("features.8.bias", at::zeros({255}));
  expect_error(ErrorKind::kModel, {"'features.8.bias' is [255], not [256]", file, hint}, load);
  changed("features.8.bias", at::zeros({256}, at::kLong));
  expect_error(ErrorKind::kModel, {"'features.8.bias' holds no floating", file, hint}, load);
  changed("features.8.bias", at::full({256}, NAN));
  expect_error(ErrorKind::kModel, {"'features.8.bias' holds NaN or Inf", file, hint}, load);
  changed("features.8.bias", at::zeros({256}, at::kHalf));
  load();
}

TEST(LpipsFiles, UnknownTrunk) {
  expect_error(ErrorKind::kUsage, {"no trunk 'resnet'", "lpips", "vgg, alex, squeeze"},
               [] { static_cast<void>(feature_trunk("resnet", "f", "lpips")); });
}

/// Heads of ones, for what needs no golden numbers.
std::string heads_of_ones(const TemporaryFolder& folder) {
  TensorMap heads;
  const std::array<std::int64_t, 5> channels = {64, 192, 384, 256, 256};
  for (std::size_t k = 0; k < channels.size(); ++k) {
    heads["lin" + std::to_string(k) + ".model.1.weight"] = at::ones({1, channels[k], 1, 1});
  }
  const std::filesystem::path file = folder.path() / "heads.safetensors";
  write_safetensors(file, {heads, {}});
  return file.string();
}

TEST(Lpips, MakingOneLeavesTorchsGeneratorAlone) {
  const TemporaryFolder folder;
  at::manual_seed(7);
  const at::Tensor wanted = at::rand({4});
  at::manual_seed(7);
  const Lpips lpips({"alex", heads_of_ones(folder), test::trunk_file("alex")});
  EXPECT_TRUE(at::equal(at::rand({4}), wanted));
}

TEST(Lpips, FiniteGradientsWhereNoFeatureIsExcited) {
  const TemporaryFolder folder;
  TensorMap tensors = test::trunk_tensors("alex");
  tensors["features.6.bias"] = at::full({384}, -1e3);
  tensors["features.8.bias"] = at::full({256}, -1.0);  // of nothing but zeros: nothing
  tensors["features.10.bias"] = at::full({256}, -1.0);
  const std::string trunk = (folder.path() / "dead.safetensors").string();
  write_safetensors(trunk, {tensors, {}});
  const Lpips lpips({"alex", heads_of_ones(folder), trunk});
  const at::Tensor x = det::picture({"a", 40, 36});
  const at::Tensor y = det::picture({"b", 40, 36}).requires_grad_(true);
  const at::Tensor parts = lpips.parts(x, y);
  EXPECT_EQ(parts[0][3].item<double>(), 0.0);
  EXPECT_GT(parts[0][1].item<double>(), 0.0);
  const at::Tensor gradient = torch::autograd::grad({parts.sum()}, {y})[0];
  EXPECT_TRUE(gradient.isfinite().all().item<bool>());
  EXPECT_GT(gradient.abs().max().item<double>(), 0.0);
}

}  // namespace lpips_test
}  // namespace robiq
