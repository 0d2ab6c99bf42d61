#include "robiq/metric/distance/fidelity.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "robiq/core/error.h"
#include "robiq/metric/distance/ssim.h"
#include "support/picture_pair.h"

namespace robiq {
namespace fidelity_test {

at::Tensor compare(const std::string& name, const at::Tensor& a, const at::Tensor& b) {
  return Registry<Fidelity>::instance().make(name, Params{})->compare(a, b);
}

template <class Act>
ErrorText data_error(Act act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    return error.text();
  }
  ADD_FAILURE() << "no error";
  return {};
}

at::Tensor example(const std::string& name) {
  return det::picture({.name = name, .h = 161, .w = 166});
}

class SsimGolden : public testing::Test {
 protected:
  void expect_case(const nlohmann::json& c) {
    const auto [x, y] = test::picture_pair(c.at("x"), c.at("y"));
    const at::Tensor value = compare("ssim", x, y);
    const double tolerance = fixture_.at("tolerance").at("ssim");
    EXPECT_NEAR(value.item<double>(), c.at("piq_ssim").get<double>(), tolerance);
    EXPECT_NEAR(compare("psnr", x, y).item<double>(), c.at("psnr").get<double>(), 1e-4);
    EXPECT_NEAR(compare("linf", x, y).item<double>(), c.at("linf").get<double>(), 1e-6);
    const double l2 = std::sqrt(c.at("mse").get<double>() * static_cast<double>(x.numel()));
    EXPECT_NEAR(compare("l2", x, y).item<double>(), l2, 1e-5 * l2);
    const double mse = c.at("mse");
    EXPECT_NEAR(compare("mse", x, y).item<double>(), mse, 1e-5 * mse);
    EXPECT_NEAR(compare("rmse", x, y).item<double>(), std::sqrt(mse), 1e-5 * std::sqrt(mse));
    EXPECT_NEAR(compare("ssim_skimage", x, y).item<double>(),
                c.at("msu_ssim_skimage_default").get<double>(), tolerance);
    const at::Tensor map = ssim_map(x, y).detach();
    EXPECT_NEAR(map.min().item<double>(), c.at("map_min").get<double>(), 5e-4);
    EXPECT_NEAR(map.max().item<double>(), c.at("map_max").get<double>(), 5e-4);
    // Top left of red, bottom right of green, top right of blue.
    const at::Tensor corners = at::stack({map[0][0][0][0], map[0][1][-1][-1], map[0][2][0][-1]});
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(corners[static_cast<std::int64_t>(i)].item<double>(),
                  c.at("map_corner").at(i).get<double>(), 5e-4);
    }
    value.sum().backward();
    test::expect_gradient(c, y.grad(), fixture_.at("tolerance").at("grad_rel_to_linf"));
  }

  nlohmann::json fixture_ = test::read_json(test::fixture_path("attacks/ssim.json"));
};

TEST_F(SsimGolden, ValuesMapsAndGradientsOfThePerceptualAttacksSsim) {
  ASSERT_EQ(fixture_.at("cases").size(), 6U);
  for (const auto& c : fixture_.at("cases")) {
    SCOPED_TRACE("case " + c.at("id").dump());
    expect_case(c);
  }
}

TEST_F(SsimGolden, EveryPictureOfABatchByItself) {
  const auto& c = fixture_.at("cases").at(0);
  const at::Tensor x = det::picture(det::image_spec(c.at("x")));
  const at::Tensor y = test::second_picture(c.at("y"), x);
  const at::Tensor values = ssim(at::cat({x, x}), at::cat({y, x}));
  ASSERT_EQ(values.sizes(), at::IntArrayRef({2}));
  EXPECT_NEAR(values[0].item<double>(), c.at("piq_ssim").get<double>(), 1e-4);
  EXPECT_EQ(values[1].item<double>(), 1.0);
  EXPECT_NEAR(values.mean().item<double>(), fixture_.at("extra").at("batch_of_two").get<double>(),
              1e-4);
}

TEST_F(SsimGolden, MultiScaleOfPiq) {
  const auto& c = fixture_.at("extra").at("ms_ssim");
  const auto [x, y] = test::picture_pair(c.at("image"), c.at("noise"));
  EXPECT_NEAR(compare("ms_ssim", x, y).item<double>(), c.at("value").get<double>(), 1e-5);
}

/// Those that read no files.
constexpr std::array kPlain = {"l2",   "linf", "ms_ssim",      "mse",
                               "psnr", "rmse", "ssim_skimage", "ssim"};

TEST(Fidelity, AllAreRegistered) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : Registry<Fidelity>::instance().entries()) names.push_back(name);
  for (const std::string name :
       {"dists", "l2", "linf", "lpips", "ms_ssim", "mse", "psnr", "rmse", "ssim", "ssim_skimage"}) {
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  }
}

TEST(Fidelity, EqualPicturesAreAsCloseAsCanBe) {
  const at::Tensor a = example("a");
  for (const char* const name : {"ms_ssim", "ssim", "ssim_skimage"}) {
    EXPECT_NEAR(compare(name, a, a).item<double>(), 1.0, 1e-6) << name;
  }
  EXPECT_EQ(compare("psnr", a, a).item<double>(), INFINITY);
  for (const char* const name : {"l2", "linf", "mse", "rmse"}) {
    EXPECT_EQ(compare(name, a, a).item<double>(), 0.0) << name;
  }
}

TEST(Fidelity, DirectionHoldsAndIsSymmetric) {
  const at::Tensor a = example("a");
  const at::Tensor near = (a + det::noise("n", -0.01, 0.01, a.sizes())).clamp(0, 1);
  const at::Tensor far = (a + det::noise("n", -0.2, 0.2, a.sizes())).clamp(0, 1);
  for (const char* const name : kPlain) {
    const auto fidelity = Registry<Fidelity>::instance().make(name, Params{});
    const double close = fidelity->compare(a, near).item<double>();
    EXPECT_EQ(close > fidelity->compare(a, far).item<double>(), fidelity->higher_is_closer());
    EXPECT_NEAR(close, fidelity->compare(near, a).item<double>(), 1e-5 * close) << name;
  }
}

TEST(Fidelity, KnownValues) {
  const at::Tensor a = at::zeros({2, 3, 2, 2}), b = a.clone();
  b[0].fill_(0.1);
  b[1][0][0][0] = 0.3;
  b[1][2][1][1] = -0.4;
  EXPECT_TRUE(at::allclose(compare("linf", a, b), at::tensor({0.1F, 0.4F})));
  EXPECT_TRUE(at::allclose(compare("l2", a, b), at::tensor({0.1F * std::sqrt(12.0F), 0.5F})));
  EXPECT_NEAR(compare("psnr", a, b)[0].item<double>(), 20.0, 1e-4);
  EXPECT_TRUE(at::allclose(compare("mse", a, b), at::tensor({0.01F, 0.25F / 12})));
  EXPECT_TRUE(at::allclose(compare("rmse", a, b), at::tensor({0.1F, 0.5F / std::sqrt(12.0F)})));
}

TEST(Fidelity, GradientsEqualDifferences) {
  const at::Tensor a = example("a"), direction = det::noise("d", -1, 1, a.sizes());
  for (const char* const name : kPlain) {
    if (name == std::string("linf")) continue;  // of one value only
    const at::Tensor b =
        (a + det::noise("n", -0.1, 0.1, a.sizes())).clamp(0, 1).detach().requires_grad_(true);
    compare(name, a, b).sum().backward();
    const double slope = (b.grad() * direction).sum().item<double>();
    constexpr double kStep = 1e-3;
    const at::Tensor fixed = b.detach();
    const double up = compare(name, a, fixed + kStep * direction).item<double>();
    const double down = compare(name, a, fixed - kStep * direction).item<double>();
    EXPECT_NEAR((up - down) / (2 * kStep), slope, 0.01 * std::abs(slope) + 1e-3) << name;
  }
}

TEST(Fidelity, LengthsHaveAGradientAtEqualPictures) {
  for (const char* const name : {"l2", "rmse"}) {
    const at::Tensor a = example("a"), b = a.clone().requires_grad_(true);
    compare(name, a, b).sum().backward();
    EXPECT_EQ(b.grad().abs().max().item<double>(), 0.0) << name;
  }
}

TEST(Fidelity, MultiScaleIsZeroForAntipodesAndItsGradientIsFinite) {
  const at::Tensor a = example("a");
  const at::Tensor b = (1 - a).requires_grad_(true);
  const at::Tensor value = compare("ms_ssim", a, b);
  EXPECT_EQ(value.item<double>(), 0.0);
  value.sum().backward();
  EXPECT_TRUE(b.grad().isfinite().all().item<bool>());
}

TEST(Fidelity, RefusesWhatItCannotCompare) {
  for (const char* const name : kPlain) {
    const ErrorText shapes = data_error([&] {
      (void)compare(name, at::zeros({1, 3, 16, 16}), at::zeros({1, 3, 16, 17}));
    });
    EXPECT_EQ(shapes.what, std::string(name) +
                               " got pictures of different shapes, [1, 3, 16, 16] and "
                               "[1, 3, 16, 17]");
    EXPECT_EQ(shapes.where, name);
    EXPECT_EQ(shapes.hint, "compare pictures of the same number, height and width");
    const ErrorText grey = data_error([&] {
      (void)compare(name, at::zeros({1, 1, 16, 16}), at::zeros({1, 1, 16, 16}));
    });
    EXPECT_NE(grey.what.find("wants float32 [N,3,H,W]"), std::string::npos) << grey.what;
  }
}

TEST(Fidelity, RefusesPicturesSmallerThanTheWindow) {
  const std::map<std::string, std::int64_t> least = {
      {"ms_ssim", 161}, {"ssim", 11}, {"ssim_skimage", 7}};
  for (const auto& [name, side] : least) {
    const std::string text = std::to_string(side), less = std::to_string(side - 1);
    const ErrorText error = data_error([&, &who = name, least_side = side] {
      const at::Tensor small = at::zeros({1, 3, least_side - 1, 200});
      (void)compare(who, small, small);
    });
    EXPECT_EQ(error.what, "a picture of 200x" + less + " pixels is too small for " + name);
    EXPECT_EQ(error.where, name);
    EXPECT_EQ(error.hint, "give pictures of at least " + text + "x" + text + " pixels");
    const at::Tensor enough = at::zeros({1, 3, side, side});
    EXPECT_EQ(compare(name, enough, enough).item<double>(), 1.0);
  }
}

}  // namespace fidelity_test
}  // namespace robiq
