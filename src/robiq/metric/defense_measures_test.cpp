#include "robiq/metric/defense_measures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/errors.h"
#include "support/test_files.h"

namespace robiq {
namespace defense_measures_test {

DefenseMeasure measure_of(const std::vector<DefenseMeasure>& all, const std::string& name) {
  for (const DefenseMeasure& one : all) {
    if (one.name == name) return one;
  }
  ADD_FAILURE() << "no measure " << name;
  return {};
}

TEST(DefenseMeasures, AgreeWithTheBenchmarksOwnCode) {
  const nlohmann::json fixture =
      test::read_json(test::fixture_path("attacks/metrics.json")).at("defense_scores");
  const auto column = [&](const char* name) {
    return fixture.at("columns").at(name).get<std::vector<double>>();
  };
  const DefenseColumns columns{.clean = column("clear"),
                               .attacked = column("attacked"),
                               .purified_clean = column("defended-clear"),
                               .purified_attacked = column("defended-attacked"),
                               .mos = column("mos"),
                               .ssim_attacked = column("ssim_clear_defended-attacked"),
                               .psnr_attacked = column("psnr_clear_defended-attacked"),
                               .ssim_clean = column("ssim_clear_defended-clear"),
                               .psnr_clean = column("psnr_clear_defended-clear")};
  const auto got = defense_measures(columns, fixture.at("metric_range").get<double>());
  const nlohmann::json& wanted = fixture.at("scores");
  ASSERT_EQ(got.size(), wanted.size());
  for (const DefenseMeasure& measure : got) {
    EXPECT_NEAR(measure.value, wanted.at(measure.name).get<double>(), 1e-9) << measure.name;
    EXPECT_EQ(measure.note, "");
  }
}

TEST(DefenseMeasures, SayWhatTheyLeaveOut) {
  const double infinite = std::numeric_limits<double>::infinity();
  const DefenseColumns columns{.clean = {10, 0},
                               .attacked = {20, 30},
                               .purified_clean = {10, 5},
                               .purified_attacked = {15, 10},
                               .ssim_attacked = {1, 0.5},
                               .psnr_attacked = {infinite, 20}};
  const auto got = defense_measures(columns, 100);
  const DefenseMeasure similarity = measure_of(got, "similarity_score");
  EXPECT_DOUBLE_EQ(similarity.value, 1);
  EXPECT_EQ(similarity.note, "left out, for want of a finite value: 1");
  EXPECT_DOUBLE_EQ(measure_of(got, "robust_abs_gain").value, (5 + 10) / 2.0 / 100);
  EXPECT_NE(measure_of(got, "robust_rel_gain").note, "");
  EXPECT_EQ(measure_of(got, "both_defended_rel_gain").note, "");
  EXPECT_TRUE(std::isnan(measure_of(got, "clear_similarity_score").value));
  EXPECT_TRUE(std::isnan(measure_of(got, "clear_srocc_mos").value));
  EXPECT_DOUBLE_EQ(measure_of(got, "robust_clear_srocc_clear").value, 1);
}

TEST(DefenseMeasures, RefuseColumnsThatDoNotFit) {
  expect_error(ErrorKind::kInternal, {"differ in length", "*", "*"}, [] {
    static_cast<void>(defense_measures({.clean = {1, 2}, .attacked = {1}}, 100));
  });
  expect_error(ErrorKind::kUsage, {"width 0", "*", "*"}, [] {
    static_cast<void>(defense_measures(
        {.clean = {1}, .attacked = {1}, .purified_clean = {1}, .purified_attacked = {1}}, 0));
  });
}

}  // namespace defense_measures_test
}  // namespace robiq
