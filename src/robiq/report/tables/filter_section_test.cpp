#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "robiq/report/render/render.h"
#include "robiq/report/write_report.h"
#include "support/drawn_figures.h"
#include "support/report_tables.h"

namespace robiq {
namespace filter_section_test {

using test::FilledEvidence;
using test::table_of;
using testing::ElementsAre;
using testing::HasSubstr;

/// Sharpening of two strengths, the stronger first, which a model rewards and its twin does not.
FilledEvidence sharpened() {
  FilledEvidence filled;
  for (const char* defense : {"none", "gradient-norm:weight=0.001"}) {
    filled.model("cnniqa", defense).seed("0");
    const double reward = defense == std::string("none") ? 1 : -1;
    for (const double strength : {10.0, 2.0}) {
      filled.attack("filters", "filter=unsharp,search=none,strength=" + std::to_string(strength));
      PictureScore score{50, 40, 40 + reward * strength, 40};
      score.ssim = 1 - strength / 64;
      score.psnr_db = 50 - strength;
      filled.score("a", score);
      score.after = 40 + reward * strength / 2;
      filled.score("b", score);
    }
  }
  return filled;
}

TEST(FilterTable, HasTheSignedGainBesideTheDamage) {
  EXPECT_EQ(render_csv(table_of(sharpened().evidence, "filters")),
            "filter,strength,model,defense,ssim,psnr_db,gain\n"
            "unsharp,2,CNNIQA,base,0.96875,48,1.5\n"
            "unsharp,2,CNNIQA,'+NT,0.96875,48,-1.5\n"
            "unsharp,10,CNNIQA,base,0.84375,40,7.5\n"
            "unsharp,10,CNNIQA,'+NT,0.84375,40,-7.5\n");
}

TEST(FilterTable, IsNotThereWhereFiltersWereSearchedAmong) {
  FilledEvidence filled;
  filled.model("cnniqa", "none").seed("0");
  filled.attack("filters", "filter=all,search=grid,strength=0").score("a", {50, 40, 45, 45});
  const Report report = compose_report(filled.evidence, {});
  EXPECT_EQ(test::find_table(report, "filters"), nullptr);
  EXPECT_TRUE(test::Drawn(filled.evidence, {"filters"}).sections.empty());
}

TEST(FilterFigure, DrawsTheGainOverSsimAndOverPsnr) {
  const test::Drawn drawn(sharpened().evidence, {"filters"});
  EXPECT_THAT(drawn.ids(), ElementsAre("filters-gain"));
  EXPECT_THAT(drawn.numbers("filters-0", "gain", "CNNIQA", "base"), ElementsAre(1.5, 7.5));
  EXPECT_THAT(drawn.numbers("filters-0", "psnr", "CNNIQA", "+NT"), ElementsAre(48, 40));
  const Json spec = drawn.spec();
  ASSERT_EQ(spec.at("concat").size(), 4U) << "two models, two measures of damage";
  EXPECT_THAT(spec["concat"][1].dump(), HasSubstr("\"reverse\":true"));
  EXPECT_THAT(spec["concat"][0].dump(), HasSubstr("\"order\":{\"field\":\"strength\""));
}

TEST(AlignmentTable, SaysTheStrengthThatWasFound) {
  FilledEvidence filled;
  filled.model("cnniqa", "none").seed("0");
  filled.attack("fgsm", "align=ssim=0.95")
      .measure("before_after", "strength", 0.0125, "epsilon")
      .measure("before_after", "aligned_value", 0.9502)
      .measure("before_after", "aligned_within", 1)
      .measure("before_after", "aligned_trials", 7)
      .measure("before_after", "aligned_pictures", 50)
      .measure("before_after", "aligned_forwards", 350)
      .measure("before_after", "aligned_backwards", 350);
  const std::string csv = render_csv(table_of(filled.evidence, "aligned"));
  EXPECT_THAT(csv, HasSubstr("target,model,defense,option,strength,reached,within,trials"));
  EXPECT_THAT(csv, HasSubstr("ssim=0.95,CNNIQA,base,epsilon,0.0125,0.9502,1,7,50,350,350\n"));
}

}  // namespace filter_section_test
}  // namespace robiq
