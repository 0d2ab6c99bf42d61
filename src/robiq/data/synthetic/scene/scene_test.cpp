#include "robiq/data/synthetic/scene/scene.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "robiq/data/synthetic/scene/fractal_noise.h"

namespace robiq::synthetic {
namespace scene_test {

struct Statistics {
  double mean = 0, deviation = 0, least = 1, greatest = 0;
};

Statistics green_of(const Planes& picture) {
  Statistics s;
  double squares = 0;
  for (std::int64_t i = 0; i < picture.area(); ++i) {
    const auto value = static_cast<double>(picture.channel(1)[i]);
    s.mean += value / static_cast<double>(picture.area());
    squares += value * value / static_cast<double>(picture.area());
    s.least = std::min(s.least, value);
    s.greatest = std::max(s.greatest, value);
  }
  s.deviation = std::sqrt(std::max(0.0, squares - s.mean * s.mean));
  return s;
}

/// Mean power of the difference between 2^k-pixel means of neighbours, by k: for a power spectrum
/// of 1/f^2 it is about the same at every scale.
std::vector<double> power_by_scale(const Planes& picture) {
  std::vector<double> power;
  for (std::int64_t step = 1; step <= 32; step *= 2) {
    const std::int64_t cells = picture.width / step;
    std::vector<double> means(static_cast<std::size_t>(cells * cells));
    for (std::int64_t y = 0; y < cells * step; ++y) {
      for (std::int64_t x = 0; x < cells * step; ++x) {
        means[static_cast<std::size_t>(y / step * cells + x / step)] +=
            static_cast<double>(picture.channel(1)[y * picture.width + x]) /
            static_cast<double>(step * step);
      }
    }
    double sum = 0;
    for (std::size_t i = 1; i < means.size(); ++i) {
      if (i % static_cast<std::size_t>(cells) == 0) continue;
      sum += (means[i] - means[i - 1]) * (means[i] - means[i - 1]);
    }
    power.push_back(sum / static_cast<double>(cells * (cells - 1)));
  }
  return power;
}

TEST(Scene, IsAFunctionOfSeedNumberAndSize) {
  EXPECT_EQ(render_scene(3, 4, 96).values, render_scene(3, 4, 96).values);
  EXPECT_NE(render_scene(3, 4, 96).values, render_scene(3, 5, 96).values);
  EXPECT_NE(render_scene(3, 4, 96).values, render_scene(4, 4, 96).values);
}

TEST(Scene, HasItsSizeAndStaysInRange) {
  for (const std::int64_t size : {64, 100, 300}) {
    const Planes picture = render_scene(0, 2, size);
    EXPECT_EQ(picture.height, size);
    EXPECT_EQ(picture.width, size);
    for (const float value : picture.values) ASSERT_TRUE(value >= 0 && value <= 1);
  }
}

TEST(Scene, IsNeverBlankAndScenesDiffer) {
  std::set<int> means;
  int dark = 0, bright = 0;
  for (std::uint64_t scene = 0; scene < 60; ++scene) {
    const Statistics s = green_of(render_scene(0, scene, 128));
    EXPECT_GT(s.deviation, 0.04) << scene;
    EXPECT_GT(s.greatest - s.least, 0.4) << scene;
    means.insert(static_cast<int>(100 * s.mean));
    dark += s.least < 0.1 ? 1 : 0;
    bright += s.greatest > 0.85 ? 1 : 0;
  }
  EXPECT_GT(means.size(), 20U);
  EXPECT_GT(dark, 20);
  EXPECT_GT(bright, 20);
}

TEST(Scene, HasAboutThePowerOfPhotographsAtEveryScale) {
  std::vector<double> sum(6);
  for (std::uint64_t scene = 0; scene < 60; ++scene) {
    const std::vector<double> power = power_by_scale(render_scene(0, scene, 256));
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += power[k] / 60;
  }
  // Exponents between 1 and 3 keep the ratio of neighbouring octaves within 1/2 and 2; the finest
  // is softened by the lens.
  for (std::size_t k = 1; k + 1 < sum.size(); ++k) {
    EXPECT_GT(sum[k + 1] / sum[k], 0.5) << k;
    EXPECT_LT(sum[k + 1] / sum[k], 2.0) << k;
  }
}

TEST(Scene, TextureAddsFineDetailAndKeepsTheRange) {
  double plain = 0, textured = 0;
  for (std::uint64_t scene = 0; scene < 24; ++scene) {
    const Planes picture = render_scene(0, scene, 128, 1);
    EXPECT_EQ(picture.values, render_scene(0, scene, 128, 1).values);
    for (const float value : picture.values) ASSERT_TRUE(value >= 0 && value <= 1);
    textured += power_by_scale(picture)[0];
    plain += power_by_scale(render_scene(0, scene, 128))[0];
  }
  EXPECT_GT(textured, 1.5 * plain);
}

TEST(NoiseTile, IsPeriodicWithUnitDeviation) {
  const NoiseTile tile(Rng(1), 64, 0.9F);
  double sum = 0, squares = 0;
  for (std::int64_t y = 0; y < 64; ++y) {
    for (std::int64_t x = 0; x < 64; ++x) {
      const auto value = static_cast<double>(tile.at(x, y));
      sum += value;
      squares += value * value;
      EXPECT_EQ(tile.at(x, y), tile.at(x - 64, y + 128));
    }
  }
  EXPECT_NEAR(sum / 4096, 0, 0.01);
  EXPECT_NEAR(squares / 4096, 1, 0.03);
  EXPECT_FLOAT_EQ(tile.between(3.5F, 7), 0.5F * (tile.at(3, 7) + tile.at(4, 7)));
}

}  // namespace scene_test
}  // namespace robiq::synthetic
