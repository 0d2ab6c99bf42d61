#include "robiq/data/synthetic/pseudo_mos.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "robiq/data/synthetic/scene/scene.h"

namespace robiq::synthetic {
namespace pseudo_mos_test {

/// Activity-weighted SSIM by its definition, window by window, in double.
double slow_ssim(const BytePlanes& a, const BytePlanes& b) {
  const auto luma = [](const BytePlanes& p, std::int64_t i) {
    const auto at = static_cast<std::size_t>(i),
               area = static_cast<std::size_t>(p.height * p.width);
    return (0.299 * p.values[at] + 0.587 * p.values[area + at] + 0.114 * p.values[2 * area + at]) /
           255;
  };
  double total = 0, weights = 0;
  for (std::int64_t top = 0; top + 11 <= a.height; ++top) {
    for (std::int64_t left = 0; left + 11 <= a.width; ++left) {
      double w_sum = 0, ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
      for (std::int64_t y = 0; y < 11; ++y) {
        for (std::int64_t x = 0; x < 11; ++x) {
          const auto square = static_cast<double>((y - 5) * (y - 5) + (x - 5) * (x - 5));
          const double w = std::exp(-square / 4.5);
          const std::int64_t i = (top + y) * a.width + left + x;
          const double u = luma(a, i), v = luma(b, i);
          w_sum += w;
          ma += w * u;
          mb += w * v;
          aa += w * u * u;
          bb += w * v * v;
          ab += w * u * v;
        }
      }
      ma /= w_sum;
      mb /= w_sum;
      const double va = aa / w_sum - ma * ma, vb = bb / w_sum - mb * mb, c = ab / w_sum - ma * mb;
      const double activity = std::sqrt(std::max(0.0, va + vb)) + 0.01;
      total += activity * (2 * ma * mb + 1e-4) * (2 * c + 9e-4) /
               ((ma * ma + mb * mb + 1e-4) * (va + vb + 9e-4));
      weights += activity;
    }
  }
  return total / weights;
}

BytePlanes half_bright(BytePlanes picture) {
  for (std::uint8_t& value : picture.values) value = static_cast<std::uint8_t>(value / 2 + 40);
  return picture;
}

TEST(PseudoMos, AgreesWithSsimByItsDefinition) {
  const BytePlanes a = to_bytes(render_scene(0, 4, 64)), b = half_bright(a);
  const BytePlanes other = to_bytes(render_scene(0, 5, 64));
  const PseudoMos judge(a);
  EXPECT_NEAR(judge.ssim(b), slow_ssim(a, b), 1e-4);
  EXPECT_NEAR(judge.ssim(other), slow_ssim(a, other), 1e-4);
  EXPECT_LT(judge.ssim(b), 0.97);  // contrast counts
}

TEST(PseudoMos, OfThePristinePictureIsAHundred) {
  const BytePlanes a = to_bytes(render_scene(0, 4, 64));
  EXPECT_EQ(PseudoMos(a).mos(a), 100);
}

TEST(PseudoMos, FallsStrictlyOverTheWholeRange) {
  double before = mos_of_ssim(1.0);
  EXPECT_EQ(before, 100);
  for (double ssim = 0.99; ssim > -0.5; ssim -= 0.01) {
    const double now = mos_of_ssim(ssim);
    EXPECT_LT(now, before);
    EXPECT_GT(now, 0);
    before = now;
  }
  EXPECT_NEAR(mos_of_ssim(0), 100.0 / 32, 1e-9);
  EXPECT_NEAR(mos_of_ssim(0.7411), 50, 0.01);
}

TEST(NoisyRating, IsSeededAndStaysInRange) {
  EXPECT_EQ(noisy_rating(42, 0, Rng(1)), 42);
  EXPECT_EQ(noisy_rating(42, 5, Rng(1)), noisy_rating(42, 5, Rng(1)));
  EXPECT_NE(noisy_rating(42, 5, Rng(1)), noisy_rating(42, 5, Rng(2)));
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_LE(noisy_rating(99, 20, Rng(seed)), 100);
    EXPECT_GE(noisy_rating(1, 20, Rng(seed)), 0);
  }
}

}  // namespace pseudo_mos_test
}  // namespace robiq::synthetic
