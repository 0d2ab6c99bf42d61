#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace picture_mean_test {

/// Two flat pictures of 24 megapixels, 3 grey levels apart.
TEST(LargePictures, HaveDistancesOfEveryDigit) {
  constexpr double kStep = 3.0 / 255;
  const at::Tensor a = at::full({1, 3, 4000, 6000}, 100.0 / 255, at::kFloat);
  const at::Tensor b = at::full({1, 3, 4000, 6000}, 103.0 / 255, at::kFloat);
  const auto between = [&](const char* name) {
    return Registry<Fidelity>::instance().make(name, {})->compare(a, b).item<double>();
  };
  const double l2 = kStep * std::sqrt(3.0 * 4000 * 6000);
  EXPECT_NEAR(between("l2"), l2, 2e-6 * l2);
  EXPECT_NEAR(between("rmse"), kStep, 2e-6 * kStep);
  EXPECT_NEAR(between("mse"), kStep * kStep, 4e-6 * kStep * kStep);
  EXPECT_NEAR(between("psnr"), -20 * std::log10(kStep), 2e-5);
}

TEST(LargePictures, HaveMeansOfEveryDigitHoweverTheyLie) {
  const at::Tensor whole = at::rand({1, 4, 1500, 2001}, at::kFloat);
  for (const at::Tensor& maps :
       {whole, whole.narrow(2, 1, 1400).narrow(3, 1, 1999), whole.transpose(2, 3),
        whole.permute({0, 2, 3, 1}).contiguous().permute({0, 3, 1, 2})}) {
    const at::Tensor exact = maps.to(at::kDouble);
    const double mean = exact.mean().item<double>();
    EXPECT_NEAR(picture_mean(maps).item<double>(), mean, 2e-7 * mean);
    EXPECT_LT((plane_mean(maps) - exact.mean({2, 3})).abs().max().item<double>(), 2e-7);
    const double norm = at::norm(exact).item<double>();
    EXPECT_NEAR(picture_norm(maps).item<double>(), norm, 2e-7 * norm);
  }
}

TEST(LargePictures, WithoutADifferenceHaveANormWithoutASlope) {
  const at::Tensor none = at::zeros({2, 3, 4, 5}, at::kFloat).requires_grad_(true);
  picture_norm(none).sum().backward();
  EXPECT_EQ(none.grad().abs().max().item<double>(), 0);
}

}  // namespace picture_mean_test
}  // namespace robiq
