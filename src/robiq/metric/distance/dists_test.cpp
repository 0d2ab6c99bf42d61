#include "robiq/metric/distance/dists.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/metric/distance/fidelity.h"
#include "support/errors.h"
#include "support/picture_pair.h"
#include "support/trunk_files.h"

namespace robiq {
namespace dists_test {

using Json = nlohmann::json;

std::string own_weights() { return test::shared_path("weights/dists_weights.pt").string(); }

/// A registered one with the authors' weights over a VGG-16 made from names.
std::unique_ptr<Fidelity> dists(const std::string& gradient, const std::string& reduce) {
  return Registry<Fidelity>::instance().make("dists",
                                             Params{{"weights", {own_weights(), "test"}},
                                                    {"trunk", {test::trunk_file("vgg"), "test"}},
                                                    {"gradient", {gradient, "test"}},
                                                    {"reduce", {reduce, "test"}}});
}

class DistsGolden : public testing::Test {
 protected:
  void SetUp() override {
    if (own_weights().empty()) GTEST_SKIP() << "no DISTS weights here";
  }

  [[nodiscard]] double near() const { return fixture_.at("tolerance").at("value_abs"); }
  static at::Tensor gradient_of(const Fidelity& measure, const test::PicturePair& pair) {
    return torch::autograd::grad({measure.compare(pair.x, pair.y).sum()}, {pair.y})[0];
  }

  Json fixture_ = test::read_json(test::fixture_path("attacks/dists.json"));
};

TEST_F(DistsGolden, ValuesAndGradientsOfTheAuthorsCode) {
  const auto all = dists("all", "none"), pixels = dists("pixels", "none");
  ASSERT_EQ(fixture_.at("cases").size(), 3U);
  for (const Json& c : fixture_.at("cases")) {
    SCOPED_TRACE(c.at("x").dump());
    const test::PicturePair pair = test::picture_pair(c.at("x"), c.at("y"));
    const double wanted = c.at("dists");
    EXPECT_NEAR(all->compare(pair.x, pair.y).item<double>(), wanted, near());
    EXPECT_NEAR(pixels->compare(pair.x, pair.y).item<double>(), wanted, near());
    test::expect_gradient(c, gradient_of(*all, pair),
                          fixture_.at("tolerance").at("grad_rel_to_linf"));
    EXPECT_NEAR(gradient_of(*pixels, pair).abs().sum().item<double>() /
                    c.at("grad_l1_of_call_as_in_perceptual_attack").get<double>(),
                1.0, 0.01);
  }
}

TEST_F(DistsGolden, StagesOfTheTrunk) {
  const FeatureTrunk trunk = vgg16_trunk(l2_pool, test::trunk_file("vgg"), "dists");
  for (const Json& c : fixture_.at("cases")) {
    SCOPED_TRACE(c.at("x").dump());
    const at::Tensor x = det::picture(det::image_spec(c.at("x")));
    std::vector<at::Tensor> stages = trunk.stages(x);
    stages.insert(stages.begin(), x);
    ASSERT_EQ(stages.size(), c.at("stage_mean").size());
    for (std::size_t k = 0; k < stages.size(); ++k) {
      const double mean = c.at("stage_mean")[k], norm = c.at("stage_l2")[k];
      EXPECT_NEAR(stages[k].mean().item<double>(), mean, 1e-5 * mean) << k;
      EXPECT_NEAR(stages[k].norm().item<double>(), norm, 1e-5 * norm) << k;
    }
  }
}

TEST_F(DistsGolden, ReducedAsIqaPytorchDoes) {
  const Json& big = fixture_.at("big");
  Json noise = big.at("noise");
  const test::PicturePair pair = test::picture_pair(big.at("x"), noise);
  const at::NoGradGuard no_grad;
  EXPECT_NEAR(dists("all", "none")->compare(pair.x, pair.y).item<double>(),
              big.at("dists_dists_pytorch").get<double>(), near());
  const auto reduced = dists("all", "256");
  EXPECT_NEAR(reduced->compare(pair.x, pair.y).item<double>(),
              big.at("dists_iqa_pytorch_resize_true").get<double>(), near());
  for (const Json& c : fixture_.at("cases")) {  // too small to be reduced
    const test::PicturePair small = test::picture_pair(c.at("x"), c.at("y"));
    EXPECT_NEAR(reduced->compare(small.x, small.y).item<double>(),
                c.at("dists_iqa_pytorch_resize_true").get<double>(), near());
  }
}

TEST_F(DistsGolden, EveryPictureOfABatchByItselfAndOfAnySize) {
  const auto measure = dists("all", "none");
  EXPECT_FALSE(measure->higher_is_closer());
  for (const std::int64_t side : {1, 9, 33}) {
    const at::Tensor x = det::picture({"a", side, side}), y = det::picture({"b", side, side});
    const at::Tensor values = measure->compare(at::cat({x, x}), at::cat({y, x}));
    ASSERT_EQ(values.sizes(), at::IntArrayRef({2}));
    const double alone = measure->compare(x, y).item<double>();
    EXPECT_GT(alone, 0);
    EXPECT_NEAR(values[0].item<double>(), alone, 1e-6) << side;
    EXPECT_EQ(values[1].item<double>(), 0.0) << side;
  }
}

TEST_F(DistsGolden, DifferentShapesAreRefused) {
  const auto measure = dists("all", "256");
  expect_error(
      ErrorKind::kData, {"dists got pictures of different shapes", "dists", "same number"}, [&] {
        static_cast<void>(measure->compare(at::zeros({1, 3, 16, 16}), at::zeros({1, 3, 16, 17})));
      });
}

TEST(DistsFiles, EachIsAskedForByName) {
  expect_error(ErrorKind::kUsage,
               {"dists needs a file with DISTS's own weights", "dists",
                "give weights=FILE: weights.pt from DISTS_pytorch/"},
               [] {
                 Dists({"", ""});
               });
  expect_error(ErrorKind::kUsage,
               {"dists needs a file with the weights of torchvision's VGG-16", "dists",
                "give trunk=FILE: vgg16-397923af.pth"},
               [] {
                 Dists({test::trunk_file("alex"), ""});
               });
}

TEST(DistsFiles, WhatDoesNotFitIsRefused) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "weights.safetensors").string();
  const auto load = [&] { Dists({file, test::trunk_file("vgg")}); };
  const at::Tensor zeros = at::zeros({1, 1475, 1, 1});
  write_safetensors(file, {{{"alpha", zeros}}, {}});
  expect_error(ErrorKind::kModel,
               {"no tensor 'beta'", file, "give DISTS's own weights, alpha and beta as weights"},
               load);
  write_safetensors(file, {{{"alpha", zeros}, {"beta", at::zeros({1475})}}, {}});
  expect_error(ErrorKind::kModel, {"'beta' is [1475], not [1, 1475, 1, 1]", file, "*"}, load);
  write_safetensors(file, {{{"alpha", zeros}, {"beta", zeros}}, {}});
  expect_error(ErrorKind::kModel, {"alpha and beta sum to 0", file, "authors publish"}, load);
  write_safetensors(file, {{{"alpha", zeros + 1}, {"beta", zeros}}, {}});
  load();
}

TEST(L2Pool, IsTheRootOfAWeightedMeanOfSquares) {
  const at::Tensor x = at::zeros({1, 2, 3, 3});
  x[0][0][1][1] = 4;
  x[0][1].fill_(-2);
  const at::Tensor pooled = l2_pool(x);
  ASSERT_EQ(pooled.sizes(), at::IntArrayRef({1, 2, 2, 2}));
  EXPECT_NEAR(pooled[0][0][0][0].item<double>(), 4 * 0.25, 1e-6);  // off the centre by one each way
  EXPECT_NEAR(pooled[0][1][0][0].item<double>(), 2 * 0.75, 1e-6);  // zeros above and to the left
}

}  // namespace dists_test
}  // namespace robiq
