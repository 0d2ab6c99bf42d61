#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/report/write_report.h"
#include "support/errors.h"
#include "support/report_tables.h"

namespace robiq {
namespace compose_report_test {

using test::FilledEvidence;
using test::find_table;
using testing::ElementsAre;

std::vector<std::string> ids_of(const Report& report) {
  std::vector<std::string> ids;
  for (const Section& section : report.sections) {
    for (const ReportBlock& block : section.blocks) ids.push_back(std::get<Table>(block).id);
  }
  return ids;
}

TEST(ComposeReport, OnlyThoseAskedForAreThere) {
  FilledEvidence filled;
  filled.model("cnniqa", "none").attack("fgsm").measures("before_after", {1, 1, 1, 1, 1});
  EXPECT_THAT(ids_of(compose_report(filled.evidence)),
              ElementsAre("rmse", "srocc", "s4", "s5", "s6", "attacks", "runs"));
  ReportSettings settings;
  settings.tables = {"s6", "s4", "lambda"};
  const Report report = compose_report(filled.evidence, settings);
  EXPECT_THAT(ids_of(report), ElementsAre("s4", "s6", "runs"));
  EXPECT_EQ(report.text, "> **Empty:** the table `lambda` was asked for; no result fills it.");
}

TEST(ComposeReport, AnUnknownOneIsRefused) {
  ReportSettings settings;
  settings.tables = {"lamda"};
  expect_error(ErrorKind::kUsage,
               {"no table is called 'lamda'", "tables",
                "did you mean 'lambda'? known: summary, clean, attacks, rmse, srocc, s4"},
               [&] { (void)compose_report({}, settings); });
}

TEST(ComposeReport, ARunHasACardWithItsDoubts) {
  FilledEvidence filled;
  RunRow run;
  run.id = 2;
  run.kind = RunKind::kEvaluate;
  run.status = RunStatus::kFinished;
  filled.evidence.runs.push_back({run, "RUN"});
  filled.evidence.flags.push_back(
      {"RUN",
       2,
       {{"", "cnniqa", "none"}, "0"},
       {2, 1, "fgsm", "budget-unused", Severity::kWarning, "It is small"}});
  const Report report = compose_report(filled.evidence);
  ASSERT_EQ(report.runs.size(), 1U);
  EXPECT_THAT(report.runs[0].facts, testing::Contains(testing::Pair("Kind", "evaluate")));
  EXPECT_THAT(report.runs[0].flags,
              ElementsAre("budget-unused (warning): CNNIQA base under fgsm: It is small"));
  EXPECT_NE(find_table(report, "flags"), nullptr);
}

}  // namespace compose_report_test
}  // namespace robiq
