#include "robiq/net/dbcnn_net.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "robiq/tensor/random.h"
#include "support/model_golden.h"
#include "support/net_state.h"

namespace robiq {
namespace dbcnn_net_test {

using golden::Precision;

/// \return [1,3,h,w], normalised as DBCNN's card says.
at::Tensor input_of(const golden::Golden& golden, const golden::Json& of_case,
                    Precision precision) {
  const golden::Json& input = of_case.at("input");
  const at::Tensor image = golden::pictures({input.at("image")}, input.at("h").get<std::int64_t>(),
                                            input.at("w").get<std::int64_t>(), precision);
  const golden::Json& how = golden.json.at("normalisation");
  const auto row = [&](const char* key) {
    return golden::doubles(how.at(key)).to(image.scalar_type()).view({1, 3, 1, 1});
  };
  return (image - row("mean")) / row("std");
}

class DbcnnNetGolden : public testing::TestWithParam<Precision> {};

TEST_P(DbcnnNetGolden, EveryActivationIsTheAuthors) {
  const at::NoGradGuard no_grad;
  const golden::Golden golden("dbcnn");
  DbcnnNet net;
  net.eval();
  golden::fill(golden, test::state_of(net));
  test::convert(net, golden::scalar_type(GetParam()));
  const double relative = golden.tolerance(GetParam()).activation;
  for (const golden::Json& of_case : golden.json.at("cases")) {
    const golden::Json& wanted = golden::wanted(of_case).at("activations");
    std::size_t checked = 0;
    const auto expect = [&](const char* name, const at::Tensor& got, double tolerance) {
      golden::expect_statistics(got, wanted.at(name), tolerance, name);
      ++checked;
    };
    const at::Tensor images = input_of(golden, of_case, GetParam());
    const at::Tensor first = net.features1(images), second = net.features2(images);
    expect("features1", first, relative);
    expect("features2", second, relative);
    const at::Tensor resized = resized_like(second, first);
    if (wanted.contains("features2_upsampled")) expect("features2_upsampled", resized, relative);
    const at::Tensor pooled = bilinear_pooled(first, resized);
    expect("bilinear_plus_1e-8", pooled + 1e-8, relative);
    expect("fc_input_normalised", normalized_root(pooled), relative);
    EXPECT_EQ(checked, wanted.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Precision, DbcnnNetGolden,
                         testing::Values(Precision::kDouble, Precision::kFloat),
                         [](const auto& precision) {
                           return precision.param == Precision::kDouble ? "Float64" : "Float32";
                         });

TEST(Vgg16Features, StagesEndBeforeEachPooling) {
  const at::NoGradGuard no_grad;
  seed_torch_globals(Rng(1));
  Vgg16Features net;
  const at::Tensor images = at::rand({2, 3, 50, 39});
  const std::vector<at::Tensor> stages = net->stages(images);
  ASSERT_EQ(stages.size(), 5U);
  EXPECT_EQ(stages[0].sizes(), at::IntArrayRef({2, 64, 50, 39}));
  EXPECT_EQ(stages[1].sizes(), at::IntArrayRef({2, 128, 25, 19}));
  EXPECT_EQ(stages[2].sizes(), at::IntArrayRef({2, 256, 12, 9}));
  EXPECT_EQ(stages[3].sizes(), at::IntArrayRef({2, 512, 6, 4}));
  EXPECT_EQ(stages[4].sizes(), at::IntArrayRef({2, 512, 3, 2}));
  EXPECT_TRUE(at::equal(stages[4], net(images)));
}

TEST(ScnnFeatures, HalvesSidesRoundedUp) {
  const at::NoGradGuard no_grad;
  ScnnFeatures net;
  EXPECT_EQ(net(at::rand({2, 3, 50, 33})).sizes(), at::IntArrayRef({2, 128, 4, 3}));
}

TEST(BilinearPooling, IsTheMeanOfProductsOverPositions) {
  const at::Tensor first = at::arange(12, at::kDouble).view({1, 2, 2, 3});
  const at::Tensor second = at::arange(18, at::kDouble).view({1, 3, 2, 3}) - 5;
  const at::Tensor pooled = bilinear_pooled(first, second);
  ASSERT_EQ(pooled.sizes(), at::IntArrayRef({1, 6}));
  for (std::int64_t i = 0; i < 2; ++i) {
    for (std::int64_t j = 0; j < 3; ++j) {
      const double wanted = (first[0][i] * second[0][j]).sum().item<double>() / 6;
      EXPECT_NEAR(pooled[0][i * 3 + j].item<double>(), wanted, 1e-12);
    }
  }
}

TEST(BilinearPooling, ResizingPutsCornersOnCorners) {
  const at::Tensor maps = at::rand({1, 2, 5, 4}, at::kDouble);
  const at::Tensor resized = resized_like(maps, at::empty({1, 7, 3, 3}));
  ASSERT_EQ(resized.sizes(), at::IntArrayRef({1, 2, 3, 3}));
  for (const std::int64_t end : {0, -1}) {
    EXPECT_TRUE(
        at::allclose(resized.select(2, end).select(2, end), maps.select(2, end).select(2, end)));
  }
  EXPECT_TRUE(at::allclose(resized.select(2, 1).select(2, 0), maps.select(2, 2).select(2, 0)));
  EXPECT_TRUE(at::equal(resized_like(maps, at::empty({9, 7, 5, 4})), maps));
}

TEST(BilinearPooling, TheRootOfNothingIsFiniteAndOfLengthOne) {
  const at::Tensor root = normalized_root(at::zeros({2, 16}, at::kDouble));
  EXPECT_TRUE(at::allclose(root, at::full({2, 16}, 0.25, at::kDouble)));
}

}  // namespace dbcnn_net_test
}  // namespace robiq
