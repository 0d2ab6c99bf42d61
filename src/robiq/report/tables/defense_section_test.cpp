#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "robiq/report/render/render.h"
#include "robiq/report/write_report.h"
#include "support/report_tables.h"

namespace robiq {
namespace defense_section_test {

using test::FilledEvidence;
using test::find_table;
using test::table_of;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kAware = "cnniqa | jpeg:quality=50";
constexpr const char* kUnaware = "cnniqa | jpeg:quality=50, not adaptive";

/// One subject on clean pictures and under two attacks; two pictures whose scores moved so far.
void add(FilledEvidence& filled, const std::string& model, const std::string& defense, double clean,
         double change) {
  filled.model(model, defense).attack("none").measure("mos_before", "srocc", clean);
  for (const char* attack : {"fgsm", "ifgsm"}) {
    filled.attack(attack).measure("before_after", "rmse", 1).measure("mos_after", "srocc", 0.5);
    filled.score("a", {50, 40, 40 + change}).score("b", {50, 40, 40 - 3 * change});
    if (model.find('|') == std::string::npos) continue;
    filled.measure("before_after", "msu_robust_abs_gain", 0.0625)
        .measure("before_after", "msu_similarity_score", 1.5)
        .measure("before_after", "purifier_seconds", 0.25);
  }
}

FilledEvidence defended() {
  FilledEvidence filled;
  add(filled, "cnniqa", "none", 0.9, 10);
  add(filled, kAware, "none", 0.8, 5);
  add(filled, kUnaware, "none", 0.8, 1);
  return filled;
}

TEST(DefenseTable, SetsGainAccuracyAndCostSideBySide) {
  const Table table = table_of(defended().evidence, "defenses");
  EXPECT_EQ(render_csv(table),
            "model,training,purifier,adaptive,srocc_clean,srocc_attacked,gain,robust_gain,"
            "similarity,purifier_seconds,training_minutes\n"
            "CNNIQA,base,none,,0.9,0.5,20,,,,\n"
            "CNNIQA,base,jpeg:quality=50,yes,0.8,0.5,10,6.25,1.5,0.25,\n"
            "CNNIQA,base,jpeg:quality=50,not adaptive,0.8,0.5,2,6.25,1.5,0.25,\n");
}

TEST(DefenseTable, NumbersThatFlatterAreNeverTheBestAndANoteSaysWhy) {
  const std::string text = render_markdown(table_of(defended().evidence, "defenses"));
  EXPECT_THAT(text, HasSubstr("**10.00**"));
  EXPECT_THAT(text, Not(HasSubstr("**2.00**")));
  EXPECT_THAT(text, HasSubstr("flatter"));
}

TEST(DefenseTable, IsLeftOutWhereThereIsNothingButNt) {
  FilledEvidence filled;
  add(filled, "cnniqa", "none", 0.9, 10);
  add(filled, "cnniqa", "gradient-norm:weight=0.001", 0.9, 5);
  EXPECT_EQ(find_table(compose_report(filled.evidence), "defenses"), nullptr);
  add(filled, "cnniqa", "adversarial:epsilon=0.01", 0.85, 4);
  EXPECT_EQ(table_of(filled.evidence, "defenses").rows.size(), 3U);
}

TEST(DefenseTable, TakesMeansOverTheAttacksThatAllWereMeasuredUnder) {
  FilledEvidence filled = defended();
  filled.model("cnniqa", "none").attack("pgd").measure("before_after", "rmse", 9);
  filled.score("a", {50, 40, 99});
  EXPECT_THAT(render_csv(table_of(filled.evidence, "defenses")), HasSubstr("0.9,0.5,20,"));
}

TEST(DefenseFigure, HasAPointForEverySubject) {
  const Report report = compose_report(defended().evidence);
  const auto data = report.data.find("defenses-0");
  ASSERT_NE(data, report.data.end());
  for (const DataColumn& column : data->second) {
    if (column.name != "label") continue;
    EXPECT_THAT(std::get<std::vector<std::string>>(column.values),
                testing::ElementsAre("CNNIQA base", "CNNIQA base | jpeg:quality=50",
                                     "CNNIQA base | jpeg:quality=50, not adaptive"));
  }
}

TEST(CertificateTable, SaysTheRadiusAndTheShare) {
  FilledEvidence filled;
  const std::string how = "l2 radius 0.05, 1000 copies";
  filled.model("cnniqa", "none").attack("none").measure("mos_before", "srocc", 0.9);
  for (const char* name : {"share", "width", "srocc", "worst_rmse"}) {
    filled.measure("mos_before", std::string("certified_") + name, 0.5, how);
  }
  const std::string text = render_markdown(table_of(filled.evidence, "certificates"));
  EXPECT_THAT(text, HasSubstr("| CNNIQA | base | 0.500 | 0.50 | 0.5000 | 0.50 |"));
  EXPECT_THAT(text, HasSubstr(how));
}

}  // namespace defense_section_test
}  // namespace robiq
