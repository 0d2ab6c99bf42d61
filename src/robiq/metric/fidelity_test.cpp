#include "robiq/metric/fidelity.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "robiq/core/error.h"
#include "robiq/metric/ssim.h"
#include "support/det.h"
#include "support/test_files.h"

namespace robiq {
namespace {

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
  return det::picture({.name = name, .h = 24, .w = 31});
}

/// The second picture of a case of ssim.json.
at::Tensor second_picture(const nlohmann::json& spec, const at::Tensor& x) {
  if (!spec.contains("kind")) return det::picture(det::image_spec(spec));
  if (spec.contains("const")) return (x + spec.at("const").get<float>()).clamp(0, 1);
  return (x +
          det::noise(spec.at("name").get<std::string>(), spec.at("lo"), spec.at("hi"), x.sizes()))
      .clamp(0, 1);
}

class SsimGolden : public testing::Test {
 protected:
  void expect_case(const nlohmann::json& c) {
    const at::Tensor x = det::picture(det::image_spec(c.at("x")));
    const at::Tensor y = second_picture(c.at("y"), x).requires_grad_(true);
    const at::Tensor value = compare("ssim", x, y);
    const double tolerance = fixture_.at("tolerance").at("ssim");
    EXPECT_NEAR(value.item<double>(), c.at("piq_ssim").get<double>(), tolerance);
    EXPECT_NEAR(compare("psnr", x, y).item<double>(), c.at("psnr").get<double>(), 1e-4);
    EXPECT_NEAR(compare("linf", x, y).item<double>(), c.at("linf").get<double>(), 1e-6);
    const double l2 = std::sqrt(c.at("mse").get<double>() * static_cast<double>(x.numel()));
    EXPECT_NEAR(compare("l2", x, y).item<double>(), l2, 1e-5 * l2);
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
    expect_gradient(c, y.grad());
  }

  void expect_gradient(const nlohmann::json& c, const at::Tensor& gradient) {
    const double linf = c.at("grad_linf");
    const double tolerance = fixture_.at("tolerance").at("grad_rel_to_linf").get<double>() * linf;
    EXPECT_NEAR(gradient.abs().max().item<double>(), linf, tolerance);
    EXPECT_NEAR(gradient.abs().sum().item<double>() / c.at("grad_l1").get<double>(), 1.0, 0.01);
    const at::Tensor flat = gradient.flatten();
    const auto& places = c.at("sample_index_chw");
    for (std::size_t i = 0; i < places.size(); ++i) {
      EXPECT_NEAR(flat[places[i].get<std::int64_t>()].item<double>(),
                  c.at("sample_grad").at(i).get<double>(), tolerance);
    }
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
  const at::Tensor y = second_picture(c.at("y"), x);
  const at::Tensor values = ssim(at::cat({x, x}), at::cat({y, x}));
  ASSERT_EQ(values.sizes(), at::IntArrayRef({2}));
  EXPECT_NEAR(values[0].item<double>(), c.at("piq_ssim").get<double>(), 1e-4);
  EXPECT_EQ(values[1].item<double>(), 1.0);
  EXPECT_NEAR(values.mean().item<double>(), fixture_.at("extra").at("batch_of_two").get<double>(),
              1e-4);
}

TEST(Fidelity, FourAreRegistered) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : Registry<Fidelity>::instance().entries()) names.push_back(name);
  for (const char* const name : {"l2", "linf", "psnr", "ssim"}) {
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  }
}

TEST(Fidelity, EqualPicturesAreAsCloseAsCanBe) {
  const at::Tensor a = example("a");
  EXPECT_EQ(compare("ssim", a, a).item<double>(), 1.0);
  EXPECT_EQ(compare("psnr", a, a).item<double>(), INFINITY);
  EXPECT_EQ(compare("linf", a, a).item<double>(), 0.0);
  EXPECT_EQ(compare("l2", a, a).item<double>(), 0.0);
}

TEST(Fidelity, DirectionHoldsAndIsSymmetric) {
  const at::Tensor a = example("a");
  const at::Tensor near = (a + det::noise("n", -0.01, 0.01, a.sizes())).clamp(0, 1);
  const at::Tensor far = (a + det::noise("n", -0.2, 0.2, a.sizes())).clamp(0, 1);
  for (const char* const name : {"l2", "linf", "psnr", "ssim"}) {
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
}

TEST(Fidelity, GradientsEqualDifferences) {
  const at::Tensor a = example("a"), direction = det::noise("d", -1, 1, a.sizes());
  for (const char* const name : {"l2", "psnr", "ssim"}) {
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

TEST(Fidelity, L2HasAGradientAtEqualPictures) {
  const at::Tensor a = example("a"), b = a.clone().requires_grad_(true);
  compare("l2", a, b).sum().backward();
  EXPECT_EQ(b.grad().abs().max().item<double>(), 0.0);
}

TEST(Fidelity, RefusesWhatItCannotCompare) {
  for (const char* const name : {"l2", "linf", "psnr", "ssim"}) {
    const ErrorText shapes = data_error([&] {
      (void)compare(name, at::zeros({1, 3, 16, 16}), at::zeros({1, 3, 16, 17}));
    });
    EXPECT_EQ(shapes.what, std::string(name) +
                               " got pictures of different shapes, [1, 3, 16, 16] and "
                               "[1, 3, 16, 17]");
    EXPECT_EQ(shapes.where, name);
    EXPECT_EQ(shapes.mend, "compare pictures of the same number, height and width");
    const ErrorText grey = data_error([&] {
      (void)compare(name, at::zeros({1, 1, 16, 16}), at::zeros({1, 1, 16, 16}));
    });
    EXPECT_NE(grey.what.find("wants float32 [N,3,H,W]"), std::string::npos) << grey.what;
  }
}

TEST(Ssim, RefusesPicturesSmallerThanItsWindow) {
  const ErrorText error = data_error([] {
    (void)ssim(at::zeros({1, 3, 10, 64}), at::zeros({1, 3, 10, 64}));
  });
  EXPECT_EQ(error.what, "a picture of 64x10 pixels is too small for SSIM");
  EXPECT_EQ(error.where, "ssim");
  EXPECT_EQ(error.mend, "give pictures of at least 11x11 pixels");
  EXPECT_EQ(ssim(at::zeros({1, 3, 11, 11}), at::zeros({1, 3, 11, 11})).item<double>(), 1.0);
}

}  // namespace
}  // namespace robiq
