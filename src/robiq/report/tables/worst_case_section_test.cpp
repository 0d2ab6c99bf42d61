#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/report/evidence/attack_sets.h"
#include "robiq/report/render/render.h"
#include "robiq/report/write_report.h"
#include "support/drawn_figures.h"
#include "support/report_tables.h"

namespace robiq {
namespace worst_case_section_test {

using test::FilledEvidence;
using test::table_of;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kNt = "gradient-norm:weight=0.001";

/// A set at two budgets, of a baseline and its twin, which is half as weak.
FilledEvidence measured_set() {
  FilledEvidence filled;
  for (const char* defense : {"none", kNt}) {
    const double weak = defense == std::string("none") ? 1 : 0.5;
    filled.model("cnniqa", defense).seed("0");
    filled.attack("none").measures("mos_before", {8, 0.9});
    for (const int levels : {16, 4}) {
      filled.attack("standard", "budget=" + std::to_string(levels) + "/255");
      filled.measure("mos_after", "worst_case_rmse", 10 + weak * levels)
          .measure("mos_after", "srocc_rank", 0.8 - weak * levels / 20)
          .measure("mos_after", "srocc_min", 0.85 - weak * levels / 20)
          .measure("mos_after", "krocc", 0.5)
          .measure("before_after", "rmse", weak * levels)
          .measure("before_after", "change_mean", weak * levels / 2)
          .measure("before_after", "r", 1)
          .measure("before_after", "wins_square", 0.25)
          .measure("before_after", "wins_apgd-up", 0.75);
    }
    filled.attack("standard", "budget=16/255").measure("before_after", "irs_change", weak / 10);
  }
  return filled;
}

void doubt(FilledEvidence& filled, Severity severity) {
  FoundFlag flag{"RUN", 0, {{"", "cnniqa", "none"}, "0"}, {}};
  flag.row.attack = "standard";
  flag.row.flag = "black-box-wins";
  flag.row.severity = severity;
  flag.row.text = "random search beats the gradients";
  filled.evidence.flags.push_back(flag);
  filled.evidence.refused = refused_numbers(filled.evidence);
}

TEST(WorstCaseTable, HasARowForEveryBudgetAndMarksTheBetterTwin) {
  const Table table = table_of(measured_set().evidence, "worst");
  EXPECT_EQ(render_csv(table),
            "attack,model,defense,budget,mos_rmse,mos_srocc_rank,mos_srocc_min,mos_krocc,"
            "change_rmse,change_mean,change_r,flags\n"
            "standard,CNNIQA,base,4/255,14,0.6000000000000001,0.6499999999999999,0.5,4,2,1,none\n"
            "standard,CNNIQA,'+NT,4/255,12,0.7000000000000001,0.75,0.5,2,1,1,none\n"
            "standard,CNNIQA,base,16/255,26,0,0.04999999999999993,0.5,16,8,1,none\n"
            "standard,CNNIQA,'+NT,16/255,18,0.4,0.44999999999999996,0.5,8,4,1,none\n");
  EXPECT_TRUE(table.rows[1].cells[4].values[0].best);
  EXPECT_FALSE(table.rows[0].cells[4].values[0].best);
}

TEST(WorstCaseTable, NumbersThatAFlagRefusesCannotBeTheBest) {
  FilledEvidence filled = measured_set();
  doubt(filled, Severity::kRefused);
  const Table table = table_of(filled.evidence, "worst");
  EXPECT_EQ(std::get<std::string>(table.rows[0].cells.back().values[0].value),
            "black-box-wins (refused)");
  EXPECT_FALSE(table.rows[1].cells[4].values[0].best) << "there is nothing left to compare with";
  EXPECT_THAT(table.notes.at(0),
              HasSubstr("CNNIQA base, black-box-wins (refused): random search beats"));
}

TEST(WorstCaseTable, RefusedNumbersAreTheBestInNoTable) {
  FilledEvidence filled = measured_set();
  const auto any_best = [&](const std::string& id, std::size_t first_column) {
    const Table table = table_of(filled.evidence, id);
    bool any = false;
    for (const Row& row : table.rows) {
      for (std::size_t c = first_column; c < row.cells.size(); ++c) {
        for (const Value& value : row.cells[c].values) any = any || value.best;
      }
    }
    return any;
  };
  EXPECT_TRUE(any_best("rmse", 1));
  EXPECT_THAT(table_of(filled.evidence, "rmse").notes,
              testing::Not(Contains(HasSubstr("refused"))));
  doubt(filled, Severity::kRefused);
  EXPECT_FALSE(any_best("rmse", 1));
  EXPECT_THAT(table_of(filled.evidence, "rmse").notes,
              Contains(HasSubstr("too weak to judge CNNIQA base")));
}

TEST(WorstCaseTable, AWarningStandsBesideTheNumbers) {
  FilledEvidence filled = measured_set();
  doubt(filled, Severity::kWarning);
  const Table table = table_of(filled.evidence, "worst");
  EXPECT_EQ(std::get<std::string>(table.rows[0].cells.back().values[0].value), "black-box-wins");
  EXPECT_TRUE(table.rows[1].cells[4].values[0].best);
}

TEST(WorstCaseTable, StandsInLatexAndMarkdown) {
  const Table table = table_of(measured_set().evidence, "worst");
  EXPECT_THAT(render_markdown(table),
              HasSubstr("| standard | CNNIQA | +NT | 4/255 | **12.000** |"));
  EXPECT_THAT(render_latex(table), HasSubstr("4/255"));
}

TEST(WorstCaseTable, TheIntegralIsThatOfTheLargestBudget) {
  const Table table = table_of(measured_set().evidence, "irs");
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(std::get<std::string>(table.rows[0].cells[3].values[0].value), "4/255, 16/255");
  EXPECT_EQ(std::get<double>(table.rows[0].cells[4].values[0].value), 0.1);
  EXPECT_EQ(std::get<double>(table.rows[1].cells[4].values[0].value), 0.05);
}

TEST(WorstCaseTable, AnIntegralIsOverTheBudgetsOfItsOwnEvaluation) {
  FilledEvidence filled = measured_set();
  filled.model("cnniqa", "none").seed("0").attack("standard", "budget=16/255");
  filled.measure("before_after", "irs_change", 0.3, "over 4, 16 levels");
  filled.model("cnniqa", kNt).seed("0").attack("standard", "budget=16/255");
  filled.measure("before_after", "irs_change", 0.2, "over 16 levels");
  filled.attack("standard", "budget=4/255");
  filled.measure("before_after", "irs_change", 0.1, "over 4 levels");
  const Table table = table_of(filled.evidence, "irs");
  EXPECT_EQ(render_csv(table).substr(0, render_csv(table).find(",,")),
            "attack,model,defense,budget,change,change_mean,mos_rmse,mos_srocc_rank,r\n"
            "standard,CNNIQA,'+NT,4 levels,0.1");
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_EQ(std::get<std::string>(table.rows[1].cells[3].values[0].value), "4, 16 levels");
  EXPECT_EQ(std::get<std::string>(table.rows[2].cells[3].values[0].value), "16 levels");
  EXPECT_FALSE(table.rows[2].cells[4].values[0].best) << "other budgets do not compare";
}

TEST(WorstCaseTable, AFlagOfOneBudgetStandsBesideItAlone) {
  FilledEvidence filled = measured_set();
  doubt(filled, Severity::kRefused);
  filled.evidence.flags.back().row.attack = "standard:budget=16/255";
  const Table table = table_of(filled.evidence, "worst");
  EXPECT_EQ(std::get<std::string>(table.rows[0].cells.back().values[0].value), "none");
  EXPECT_EQ(std::get<std::string>(table.rows[2].cells.back().values[0].value),
            "black-box-wins (refused)");
}

TEST(WorstCaseTable, TheNoteSaysWhatEverySeedsFlagSays) {
  FilledEvidence filled = measured_set();
  for (const char* text :
       {"on 7 % of them", "on 9 % of them", "on 9 % of them", "on none at all"}) {
    doubt(filled, Severity::kWarning);
    filled.evidence.flags.back().row.text = text;
  }
  EXPECT_THAT(table_of(filled.evidence, "worst").notes.at(0),
              HasSubstr("on 7 % of them; elsewhere 9, on none at all."));
}

TEST(WorstCaseTable, SharesOfMembersArePercent) {
  EXPECT_THAT(render_csv(table_of(measured_set().evidence, "members")),
              HasSubstr("budget,wins_apgd-up,wins_square\nstandard,CNNIQA,base,4/255,75,25\n"));
}

TEST(WinTable, CountsThePicturesThatEachSingleAttackMovedMost) {
  FilledEvidence filled = measured_set();
  filled.model("cnniqa", "none").seed("0");
  const auto score = [&](const char* attack, const char* picture, double after) {
    PictureScore one{50, 40, after, after};
    filled.attack(attack, attack == std::string("standard") ? "budget=4/255" : "")
        .score(picture, one);
  };
  score("fgsm", "a", 50);
  score("uap", "a", 41);
  score("fgsm", "b", 39);
  score("uap", "b", 35);
  score("fgsm", "c", 44);
  score("uap", "c", 40);
  score("fgsm", "d", 40);
  score("uap", "d", 40);
  for (const char* picture : {"a", "b", "c", "d"}) score("standard", picture, 100);
  const Table table = table_of(filled.evidence, "wins");
  EXPECT_EQ(render_csv(table), "attack,CNNIQA.base,CNNIQA.+NT\nFGSM,50,\nUAP*,25,\n")
      << "the set is no single attack, and nobody moved picture d";
  filled.model("cnniqa", kNt);
  score("fgsm", "a", 50);
  EXPECT_EQ(render_csv(table_of(filled.evidence, "wins")),
            "attack,CNNIQA.base,CNNIQA.+NT\nFGSM,50,100\nUAP*,25,\n")
      << "the twin was not measured under UAP";
}

TEST(WorstCaseFigure, BeginsWithTheCleanPicturesAndHasTheirIntervals) {
  FilledEvidence filled = measured_set();
  for (auto& [key, by_seed] : filled.evidence.measures) {
    for (auto& [seed, found] : by_seed) {
      found.row.low = found.row.value - 1;
      found.row.high = found.row.value + 2;
    }
  }
  const test::Drawn drawn(filled.evidence, {"worst-case"});
  EXPECT_THAT(drawn.ids(), ElementsAre("worst-case-standard"));
  EXPECT_THAT(drawn.numbers("worst-0", "budget", "CNNIQA", "base"), ElementsAre(0, 4, 16));
  EXPECT_THAT(drawn.numbers("worst-0", "change", "CNNIQA", "base"), ElementsAre(0, 2, 8));
  EXPECT_THAT(drawn.numbers("worst-0", "rmse", "CNNIQA", "base"), ElementsAre(8, 14, 26));
  EXPECT_THAT(drawn.numbers("worst-0", "rmse_low", "CNNIQA", "base"), ElementsAre(7, 13, 25));
  EXPECT_THAT(drawn.numbers("worst-0", "rmse_high", "CNNIQA", "base"), ElementsAre(10, 16, 28));
  EXPECT_EQ(drawn.spec().at("concat").size(), 3U);
  EXPECT_EQ(drawn.spec()["concat"][0].at("layer").size(), 2U) << "a band and a line";
}

}  // namespace worst_case_section_test
}  // namespace robiq
