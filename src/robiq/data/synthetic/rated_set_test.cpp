#include "robiq/data/synthetic/rated_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace robiq::synthetic {
namespace rated_set_test {

constexpr std::int64_t kAll = std::int64_t{1} << 40;

TEST(RatedSet, IsTheSameWhateverTheThreadsAndTheMemory) {
  const SetRecipe recipe = {.scenes = 5, .size = 64, .seed = 9};
  const RatedSet one(recipe, 1, kAll), three(recipe, 3, 0);
  for (std::int64_t scene = 0; scene < recipe.scenes; ++scene) {
    for (std::size_t i = 0; i < one.treatments().size(); ++i) {
      EXPECT_EQ(one.mos(scene, i), three.mos(scene, i));
      EXPECT_EQ(one.picture(scene, i).values, three.picture(scene, i).values);
    }
  }
}

/// The label of every default scene, made once.
const RatedSet& default_set() {
  static const RatedSet the_set({.scenes = 60, .size = 256, .seed = 0}, 2, 0);
  return the_set;
}

TEST(RatedSet, LabelsFallStrictlyWithTheLevelInEveryScene) {
  const RatedSet& set = default_set();
  for (std::int64_t scene = 0; scene < 60; ++scene) {
    double before = 100;
    for (std::size_t i = 0; i < set.treatments().size(); ++i) {
      const double mos = set.mos(scene, i);
      if (set.treatments()[i].level <= 1) before = 100;
      if (set.treatments()[i].level == 0) {
        EXPECT_EQ(mos, 100);
      } else {
        EXPECT_LT(mos, before - 0.2) << "scene " << scene << " " << set.treatments()[i].name();
      }
      before = mos;
    }
  }
}

TEST(RatedSet, LabelsOfTexturedScenesFallWithMilderLevelsToo) {
  const SetRecipe recipe = {.scenes = 12, .size = 128, .seed = 3, .texture = 1, .levels = 6};
  const RatedSet set(recipe, 2, 0);
  ASSERT_EQ(set.treatments().size(), 37U);
  for (std::int64_t scene = 0; scene < recipe.scenes; ++scene) {
    double before = 100;
    for (std::size_t i = 1; i < set.treatments().size(); ++i) {
      if (set.treatments()[i].level == 1) before = 100;
      EXPECT_LT(set.mos(scene, i), before) << scene << " " << set.treatments()[i].name();
      before = set.mos(scene, i);
    }
  }
}

TEST(RatedSet, LabelsUseTheWholeScale) {
  const RatedSet& set = default_set();
  std::array<int, 10> tenths{};
  std::array<double, kDistortionLevels + 1> sums{};
  for (std::int64_t scene = 0; scene < 60; ++scene) {
    for (std::size_t i = 0; i < set.treatments().size(); ++i) {
      const double mos = set.mos(scene, i);
      ++tenths[static_cast<std::size_t>(std::min(mos / 10, 9.0))];
      sums[static_cast<std::size_t>(set.treatments()[i].level)] += mos;
    }
  }
  for (std::size_t tenth = 0; tenth < tenths.size(); ++tenth) {
    EXPECT_GT(tenths[tenth], 1500 / 50) << "labels from " << 10 * tenth;
  }
  EXPECT_GT(sums[1] / 360, 80);
  EXPECT_LT(sums[4] / 360, 40);  // contrast stays mild: see distortion.cpp
}

TEST(Treatments, AreNamedByKindAndLevel) {
  const auto all = all_treatments();
  ASSERT_EQ(all.size(), 25U);
  EXPECT_EQ(all[0].name(), "pristine");
  EXPECT_EQ(all[1].name(), "gaussian_blur-1");
  EXPECT_EQ(all[24].name(), "quantize-4");
}

}  // namespace rated_set_test
}  // namespace robiq::synthetic
