// The helper that makes golden inputs from names, against numbers of its counterpart in Python.
#include "support/det.h"

#include <gtest/gtest.h>

#include "support/test_files.h"

namespace robiq {
namespace {

TEST(Det, WeightsOfTheTinyModel) {
  const auto fixture = test::read_json(test::fixture_path("attacks/tiny_model.json"));
  ASSERT_EQ(fixture.at("weights").size(), 6U);
  for (const auto& [name, expected] : fixture.at("weights").items()) {
    const auto shape = expected.at("shape").get<std::vector<std::int64_t>>();
    const at::Tensor weight = det::weight(name, shape);
    ASSERT_EQ(weight.sizes(), at::IntArrayRef(shape)) << name;
    ASSERT_EQ(weight.scalar_type(), at::kFloat);
    EXPECT_NEAR(weight.to(at::kDouble).sum().item<double>(), expected.at("sum").get<double>(),
                1e-9);
    const auto first = expected.at("first4").get<std::vector<double>>();
    for (std::size_t i = 0; i < first.size(); ++i) {
      EXPECT_EQ(weight.flatten()[static_cast<std::int64_t>(i)].item<float>(),
                static_cast<float>(first[i]))
          << name << " " << i;
    }
  }
}

TEST(Det, WeightsOfOneDimensionLieAboutOneOrZero) {
  EXPECT_NEAR(det::weight("bn.weight", {64}).mean().item<double>(), 1.0, 0.02);
  EXPECT_NEAR(det::weight("bn.running_var", {64}).mean().item<double>(), 1.0, 0.02);
  EXPECT_NEAR(det::weight("bn.running_mean", {64}).mean().item<double>(), 0.0, 0.02);
}

TEST(Det, PicturesOfTheTinyModel) {
  const auto fixture = test::read_json(test::fixture_path("attacks/tiny_model.json"));
  ASSERT_EQ(fixture.at("images").size(), 5U);
  for (const auto& entry : fixture.at("images")) {
    const det::ImageSpec spec = det::image_spec(entry.at("image"));
    const at::Tensor image = det::image(spec);
    EXPECT_EQ(image.sizes(), at::IntArrayRef({3, spec.h, spec.w}));
    EXPECT_EQ(image.sum().item<std::int64_t>(), entry.at("u8_sum").get<std::int64_t>())
        << spec.name;
    EXPECT_TRUE(at::equal(det::picture(spec), image.to(at::kFloat).div(255).unsqueeze(0)));
  }
}

TEST(Det, FlatAndRampPictures) {
  const at::Tensor flat = det::image({.name = "f", .h = 4, .w = 7, .flat_left = 100});
  EXPECT_TRUE(flat.slice(2, 0, 3).eq(100).all().item<bool>());
  EXPECT_FALSE(flat.slice(2, 3, 7).eq(100).all().item<bool>());
  const at::Tensor ramp =
      det::image({.name = "r", .h = 2, .w = 5, .ramp_start = 200, .ramp_step = 2});
  EXPECT_EQ(ramp[1][1][3].item<int>(), 200 - 2 * 3 + 10);
}

TEST(Det, NoiseIsUniformBetweenItsEnds) {
  const at::Tensor noise = det::noise("n", -0.02, 0.02, {1, 3, 50, 50});
  EXPECT_LE(noise.abs().max().item<double>(), 0.02);
  EXPECT_NEAR(noise.mean().item<double>(), 0.0, 0.001);
  EXPECT_EQ(det::uniform("n", 3).size(), 3U);
}

}  // namespace
}  // namespace robiq
