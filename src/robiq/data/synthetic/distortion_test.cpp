#include "robiq/data/synthetic/distortion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "robiq/data/synthetic/scene/scene.h"

namespace robiq::synthetic {
namespace distortion_test {

Planes flat(float value, std::int64_t height = 20, std::int64_t width = 28) {
  Planes picture(height, width);
  std::fill(picture.values.begin(), picture.values.end(), value);
  return picture;
}

double mean_difference(const Planes& a, const Planes& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    sum += std::abs(static_cast<double>(a.values[i]) - static_cast<double>(b.values[i]));
  }
  return sum / static_cast<double>(a.values.size());
}

TEST(Distortion, KeepsSizeAndRangeAndIsDeterministic) {
  Planes picture = render_scene(0, 1, 64);
  picture.height = 32;  // the upper part of what is now 3 x 32 x 64
  picture.values.resize(3 * 32 * 64);
  for (const Distortion kind : kDistortions) {
    for (int level = 1; level <= kDistortionLevels; ++level) {
      const Planes out = distort(picture, kind, distortion_strength(kind, level), Rng(2));
      EXPECT_EQ(out.height, 32);
      EXPECT_EQ(out.width, 64);
      for (const float value : out.values) ASSERT_TRUE(value >= 0 && value <= 1);
      EXPECT_EQ(out.values,
                distort(picture, kind, distortion_strength(kind, level), Rng(2)).values);
      EXPECT_NE(out.values, picture.values) << distortion_name(kind);
    }
  }
}

TEST(Distortion, GrowsWithItsLevel) {
  const Planes picture = render_scene(0, 3, 96);
  for (const Distortion kind : kDistortions) {
    double before = 0;
    for (int level = 1; level <= kDistortionLevels; ++level) {
      const double now = mean_difference(
          picture, distort(picture, kind, distortion_strength(kind, level), Rng(2)));
      EXPECT_GT(now, before) << distortion_name(kind) << level;
      before = now;
    }
  }
}

TEST(Distortion, MilderLevelsComeBeforeTheFour) {
  for (const Distortion kind : kDistortions) {
    for (int level = 1; level <= kDistortionLevels; ++level) {
      EXPECT_EQ(distortion_strength(kind, level + 2, 6), distortion_strength(kind, level));
    }
  }
  EXPECT_LT(distortion_strength(Distortion::kGaussianBlur, 1, 6), 0.6);
  EXPECT_EQ(distortion_strength(Distortion::kJpeg, 1, 6), 80);
}

TEST(Distortion, HasANameOfItsOwn) {
  std::set<std::string> names;
  for (const Distortion kind : kDistortions) names.insert(distortion_name(kind));
  EXPECT_EQ(names, (std::set<std::string>{"gaussian_blur", "white_noise", "jpeg", "resample",
                                          "contrast", "quantize"}));
}

TEST(Distortion, LeavesAFlatPictureFlatUnlessItAddsNoise) {
  const Planes grey = flat(0.5F);
  for (const Distortion kind :
       {Distortion::kGaussianBlur, Distortion::kResample, Distortion::kContrast}) {
    const Planes out = distort(grey, kind, distortion_strength(kind, 4), Rng(0));
    for (const float value : out.values) EXPECT_NEAR(value, 0.5F, 1e-5F);
  }
}

TEST(WhiteNoise, HasItsDeviationAndNoBias) {
  const Planes grey = flat(0.5F, 128, 128);
  const Planes out = distort(grey, Distortion::kWhiteNoise,
                             distortion_strength(Distortion::kWhiteNoise, 2), Rng(7));
  double sum = 0, squares = 0;
  for (const float value : out.values) {
    const double difference = static_cast<double>(value) - 0.5;
    sum += difference;
    squares += difference * difference;
  }
  const auto count = static_cast<double>(out.values.size());
  const double wanted = distortion_strength(Distortion::kWhiteNoise, 2);
  EXPECT_NEAR(std::sqrt(squares / count), wanted, 0.02 * wanted);
  EXPECT_NEAR(sum / count, 0, 0.02 * wanted);
}

TEST(GaussianBlur, SpreadsAPointByItsSigma) {
  Planes picture = flat(0, 41, 41);
  picture.channel(1)[20 * 41 + 20] = 1;
  const Planes out = distort(picture, Distortion::kGaussianBlur,
                             distortion_strength(Distortion::kGaussianBlur, 3), Rng(0));
  double sum = 0, squares = 0;
  for (std::int64_t y = 0; y < 41; ++y) {
    for (std::int64_t x = 0; x < 41; ++x) {
      const auto value = static_cast<double>(out.channel(1)[y * 41 + x]);
      sum += value;
      squares += value * static_cast<double>((x - 20) * (x - 20));
    }
  }
  const double sigma = distortion_strength(Distortion::kGaussianBlur, 3);
  EXPECT_NEAR(sum, 1, 1e-4);
  EXPECT_NEAR(std::sqrt(squares / sum), sigma, 0.03 * sigma);
}

TEST(Contrast, IsDrawnTowardsTheMean) {
  Planes picture = flat(0.2F, 16, 16);
  for (std::size_t i = 0; i < picture.values.size(); i += 2) picture.values[i] = 0.6F;
  const auto factor = static_cast<float>(distortion_strength(Distortion::kContrast, 2));
  const Planes out = distort(picture, Distortion::kContrast,
                             distortion_strength(Distortion::kContrast, 2), Rng(0));
  EXPECT_NEAR(out.values[0], 0.4F + 0.2F * factor, 1e-5F);
  EXPECT_NEAR(out.values[1], 0.4F - 0.2F * factor, 1e-5F);
}

TEST(Quantize, LeavesAsManyLevelsAsItSays) {
  const Planes picture = render_scene(0, 3, 96);
  for (int level = 1; level <= kDistortionLevels; ++level) {
    const Planes out = distort(picture, Distortion::kQuantize,
                               distortion_strength(Distortion::kQuantize, level), Rng(0));
    for (std::int64_t c = 0; c < 3; ++c) {
      const std::set<float> values(out.channel(c), out.channel(c) + out.area());
      EXPECT_EQ(static_cast<double>(values.size()),
                distortion_strength(Distortion::kQuantize, level));
    }
  }
}

TEST(Quantize, KeepsABackgroundAsItIs) {
  Planes picture = render_scene(0, 3, 96);
  std::fill_n(picture.channel(1), picture.area() / 2, 1.0F);
  const Planes out = distort(picture, Distortion::kQuantize,
                             distortion_strength(Distortion::kQuantize, 2), Rng(0));
  EXPECT_GT(out.channel(1)[5], 0.97F);
}

TEST(JpegBlocks, OfTheBestQualityAreNearlyThePicture) {
  Planes picture(24, 40);  // grey, so that halving the colour resolution costs nothing
  for (std::int64_t i = 0; i < picture.area(); ++i) {
    const float value = static_cast<float>((7 * i) % 251) / 251;
    for (std::int64_t c = 0; c < 3; ++c) picture.channel(c)[i] = value;
  }
  EXPECT_LT(mean_difference(picture, jpeg_blocks(picture, 100)), 0.4 / 255);
}

TEST(JpegBlocks, KeepBlockMeansToHalfAStep) {
  // A flat grey block has one coefficient, 8 (v - 128), rounded to a multiple of 16 at quality 50.
  const Planes out = jpeg_blocks(flat(131.0F / 255), 50);
  for (const float value : out.values) EXPECT_NEAR(value, 132.0F / 255, 1e-4F);
}

TEST(JpegBlocks, AreEightPixelsWide) {
  Planes ramp(16, 64);
  for (std::int64_t i = 0; i < ramp.area(); ++i) {
    for (std::int64_t c = 0; c < 3; ++c) {
      ramp.channel(c)[i] = 0.3F + 0.4F * static_cast<float>(i % 64) / 64;
    }
  }
  const Planes out = jpeg_blocks(ramp, 2);
  double within = 0, across = 0;
  for (std::int64_t x = 1; x < 64; ++x) {
    const double step = std::abs(static_cast<double>(out.channel(1)[x] - out.channel(1)[x - 1]));
    (x % 8 == 0 ? across : within) += step;
  }
  EXPECT_GT(across, 20 * within);
}

}  // namespace distortion_test
}  // namespace robiq::synthetic
