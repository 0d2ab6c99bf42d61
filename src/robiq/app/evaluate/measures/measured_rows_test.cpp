#include "robiq/app/evaluate/measures/measured_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "robiq/core/files/result_columns.h"

namespace robiq {
namespace measured_rows_test {

using testing::ElementsAre;

MeasuredRow row(const char* attack, const char* options, const char* level, const char* surrogate) {
  MeasuredRow row;
  row.attack = attack;
  row.options = options;
  row.level = level;
  row.surrogate = surrogate;
  return row;
}

std::vector<std::string> titles_of(std::vector<MeasuredRow> rows) {
  name_attacks(rows);
  std::vector<std::string> titles;
  for (const MeasuredRow& named : rows) titles.push_back(named.attack_title);
  return titles;
}

TEST(AttackTitles, AreAsShortAsTheyCanBe) {
  EXPECT_THAT(titles_of({row("none", "", "", ""), row("fgsm", "epsilon=0.1,loss=mid", "view", ""),
                         row("fgsm", "epsilon=0.1,loss=mid", "view", "")}),
              ElementsAre("none", "fgsm", "fgsm"));
}

TEST(AttackTitles, SayInWhatRowsOfOneNameDiffer) {
  EXPECT_THAT(
      titles_of({row("fgsm", "epsilon=0.1,loss=mid", "view", ""),
                 row("fgsm", "epsilon=0.2,loss=mid", "view", ""),
                 row("uap", "scale=1", "image", "a:1"), row("uap", "scale=1", "image", "b:2")}),
      ElementsAre("fgsm epsilon=0.1", "fgsm epsilon=0.2", "uap from a:1", "uap from b:2"));
}

TEST(EvaluationRow, IsShortInATableAndWholeInData) {
  EvaluationRow fgsm;
  fgsm.attack = "fgsm";
  fgsm.attack_title = "fgsm epsilon=0.1";
  fgsm.options = "epsilon=0.1,loss=mid";
  fgsm.level = "view";
  fgsm.block = Block::kBeforeAfter;
  fgsm.n = 3;
  fgsm.measures = {{"srocc", 0.5, "of three", true, 0.25, 0.75}, {"mean_ssim", 0.875}};
  fgsm.native_scale = {1, 0};
  const std::string table = render_results<EvaluationRow>({fgsm}, OutputFormat::kTable);
  EXPECT_THAT(table, testing::HasSubstr("fgsm epsilon=0.1"));
  EXPECT_THAT(table, testing::Not(testing::HasSubstr("mean_ssim")));
  const auto data =
      nlohmann::json::parse(render_results<EvaluationRow>({fgsm}, OutputFormat::kJson));
  EXPECT_EQ(data["attack"], "fgsm");
  EXPECT_EQ(data["srocc_low"], 0.25);
  EXPECT_EQ(data["srocc_note"], "of three");
  EXPECT_EQ(data["mean_ssim"], 0.875);
  EXPECT_FALSE(data.contains("mean_ssim_low"));
  EXPECT_EQ(data["native_scale"], nlohmann::json({{"worst", 1}, {"best", 0}}));
}

}  // namespace measured_rows_test
}  // namespace robiq
