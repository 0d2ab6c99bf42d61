#include "robiq/report/write_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "robiq/core/files/files.h"
#include "robiq/store/results_store.h"
#include "support/errors.h"
#include "support/places.h"

namespace robiq {
namespace write_report_test {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr double kNone = ScoreRow::kNone;

/// The results of one run, filled by hand.
class FilledRun {
 public:
  explicit FilledRun(const fs::path& folder) : store_(folder / "results.sqlite") {
    RunRow run;
    run.kind = RunKind::kEvaluate;
    run.command = "robiq evaluate --attack fgsm|ifgsm";
    run.robiq_version = "0.1.0";
    run.torch_version = "1.13.0";
    run.device = "cpu";
    run.threads = 2;
    run.seed = 7;
    run.started_utc = "2024-05-01T10:00:00Z";
    run_ = store_.begin_run(run);
    store_.add(attacks_of_older_databases());
    store_.add(model_titles_of_older_databases());
  }
  void finish() { store_.set_run_status(run_, RunStatus::kFinished, "2024-05-01T10:05:00Z"); }
  void model(const std::string& name, const std::string& defense) {
    model_ = store_.model_id({0, name, defense, "sha of " + defense, "{}"});
  }
  void attack(const std::string& name, const std::string& options) {
    attack_ = name;
    options_ = options;
  }
  /// In the order rmse, srocc, plcc, krocc, r.
  void measures(const std::string& block, const std::vector<double>& values,
                const std::string& note_of_last = "") {
    const std::vector<std::string> names{"rmse", "srocc", "plcc", "krocc", "r"};
    std::vector<MeasureRow> rows;
    for (std::size_t i = 0; i < values.size(); ++i) {
      rows.push_back({run_, model_, dataset, attack_, options_, "view", "", block, names[i],
                      values[i], kNone, kNone, i + 1 == values.size() ? note_of_last : ""});
    }
    store_.add(rows);
  }
  void score(double mos, double before, double after, double after_8bit = kNone) {
    const ImageRow image{0,       "builtin", "split", "picture-" + std::to_string(mos),
                         "scene", mos,       mos,     ""};
    ScoreRow row;
    row.run = run_;
    row.model = model_;
    row.image = store_.image_id(image);
    row.attack = attack_;
    row.attack_options = options_;
    row.level = "view";
    row.before = before;
    row.after = after;
    row.after_8bit = after_8bit;
    row.forwards = 3;
    row.backwards = 2;
    store_.add(std::vector{row});
  }

  std::string dataset = "builtin";

 private:
  ResultsStore store_;
  std::int64_t run_ = 0, model_ = 0;
  std::string attack_, options_;
};

class WriteReport : public testing::Test {
 protected:
  /// Of the tables alone: no figure of that kind can be drawn.
  [[nodiscard]] std::string markdown(const std::vector<fs::path>& runs) const {
    ReportSettings settings;
    settings.figures = {"transfer"};
    write_report(runs, out_, settings);
    return read_file(out_ / "report.md", 1 << 20);
  }
  [[nodiscard]] std::string csv(const std::string& id) const {
    return read_file(out_ / "tables" / (id + ".csv"), 1 << 20);
  }

  TemporaryFolder folder_;
  fs::path run_ = folder_.path() / "run", out_ = folder_.path() / "report";
};

void fill_base_and_twin(const fs::path& folder) {
  FilledRun run(folder);
  for (const bool nt : {false, true}) {
    run.model("cnniqa", nt ? "gradient-norm:weight=0.001" : "none");
    run.attack("none", "");
    run.measures("mos_before", {nt ? 6.25 : 5.125, nt ? 0.90004 : 0.90001, 0.95, nt ? 0.75 : 0.8});
    run.score(20, 22, kNone);
    run.score(80, 79, kNone);
    run.attack("fgsm", "epsilon=0.005");
    run.measures("mos_after", {nt ? 9.5 : 30.25, nt ? 0.8125 : -0.25, nt ? 0.75 : 0.5, 0.5});
    run.measures("before_after", {nt ? 3.0 : 28.0, nt ? 0.96 : 0.4, 0.5, 0.5, nt ? 1.5 : 0.5},
                 nt ? "1 picture did not move" : "");
    run.score(20, 22, nt ? 25 : 52, nt ? 24 : 50);
    run.score(49.9, 50, nt ? 51 : 60, nt ? 52 : 61);
    run.score(75, 79, nt ? 77 : 49, kNone);
  }
  run.finish();
}

TEST_F(WriteReport, BaselineAndTwinStandSideBySide) {
  fill_base_and_twin(run_);
  std::string text = markdown({run_});
  text.replace(text.find(run_.string()), run_.string().size(), "RUN");
  EXPECT_EQ(text,
            read_file(fs::path(test::fixtures_folder()) / "report" / "base_and_twin.md", 1 << 16));
}

TEST_F(WriteReport, EveryTableIsAFileInThreeForms) {
  fill_base_and_twin(run_);
  const std::vector<fs::path> files = write_report({run_}, out_);
  std::set<std::string> names;
  for (const fs::path& file : files) {
    EXPECT_TRUE(fs::is_regular_file(file)) << file;
    names.insert(file.lexically_relative(out_).string());
  }
  EXPECT_EQ(names.size(), files.size());
  EXPECT_TRUE(names.contains("figures/score-change-fgsm.vl.json"));
  std::erase_if(names, [](const std::string& name) { return name.starts_with("figures/"); });
  std::set<std::string> expected{"index.html", "report.md", "tables/runs.csv", "tables/runs.md",
                                 "tables/measures.csv"};
  for (const char* id :
       {"summary", "clean", "attacks", "rmse", "srocc", "s4", "s5", "s6", "s7", "bands"}) {
    for (const char* ending : {".csv", ".md", ".tex"}) {
      expected.insert("tables/" + std::string(id) + ending);
    }
  }
  EXPECT_EQ(names, expected);
  EXPECT_EQ(csv("clean"),
            "model,defense,pictures,srocc,plcc,krocc,rmse\n"
            "CNNIQA,base,2,0.90001,0.95,0.8,5.125\n"
            "CNNIQA,'+NT,2,0.90004,0.95,0.75,6.25\n");
  EXPECT_EQ(csv("rmse"),
            "attack,mos_after.CNNIQA.base,mos_after.CNNIQA.+NT,before_after.CNNIQA.base,"
            "before_after.CNNIQA.+NT\n"
            "FGSM,30.25,9.5,28,3\n");
  EXPECT_THAT(csv("bands"), HasSubstr("\"[50,75)\",,,,,,,,\n"));
  EXPECT_THAT(csv("measures"), HasSubstr(",builtin,fgsm,epsilon=0.005,view,,before_after,r,1.5,,,"
                                         "1 picture did not move\n"));
}

TEST_F(WriteReport, TwinsOfTwoFoldersArePaired) {
  for (const bool nt : {false, true}) {
    FilledRun run(nt ? folder_.path() / "nt" : run_);
    run.model("a", nt ? "nt" : "none");
    run.attack("fgsm", "");
    run.measures("before_after", {nt ? 4.0 : 9.0});
    run.finish();
  }
  EXPECT_THAT(markdown({run_, folder_.path() / "nt"}),
              HasSubstr("| FGSM | - / - | 9.000 / **4.000** |"));
}

TEST_F(WriteReport, TheNewerRunOfAFolderCounts) {
  for (const double value : {9.0, 5.0}) {
    FilledRun run(run_);
    run.model("a", "none");
    run.attack("fgsm", "");
    run.measures("before_after", {value});
    run.finish();
  }
  EXPECT_THAT(markdown({run_}), HasSubstr("| FGSM | - | 5.000 |"));
}

TEST_F(WriteReport, PassesAreGathered) {
  fill_base_and_twin(run_);
  const Evidence evidence = gather_evidence({run_});
  EXPECT_TRUE(evidence.compared.empty());
  ASSERT_FALSE(evidence.scores.empty());
  EXPECT_EQ(evidence.scores.begin()->second.row.forwards, 3);
  EXPECT_EQ(evidence.scores.begin()->second.row.backwards, 2);
}

TEST_F(WriteReport, RunsThatDisagreeAreRefused) {
  const fs::path other = folder_.path() / "other";
  for (const fs::path& folder : {run_, other}) {
    FilledRun run(folder);
    run.model("a", "none");
    run.attack("fgsm", "");
    run.measures("before_after", {folder == run_ ? 1.0 : 2.0});
  }
  expect_error(ErrorKind::kData,
               {"two runs disagree about a (defense none) under 'fgsm'",
                run_.string() + " and " + other.string(), "report on one of them"},
               [&] {
                 (void)write_report({run_, other}, out_);
               });
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(WriteReport, ComparedRunsMayDisagree) {
  const fs::path other = folder_.path() / "other";
  for (const fs::path& folder : {other, run_}) {
    FilledRun run(folder);
    run.model("cnniqa", "none");
    run.attack("fgsm", "");
    run.measures("before_after", {folder == run_ ? 1.0 : 2.0});
    run.finish();
  }
  ReportSettings settings;
  settings.compare = true;
  write_report({other, run_}, out_, settings);
  const fs::path file = out_ / "report.md";
  EXPECT_THAT(
      read_file(file, 1 << 20),
      HasSubstr("| Attack | Model | Defense | Between | Measure | other | run | minus other "
                "|\n|---|---|---|---|---|---:|---:|---:|\n"
                "| FGSM | CNNIQA | base | Score before & after attack | RMSE ↓ | 2.000 | "
                "1.000 | -1.000 |\n"));
  EXPECT_EQ(csv("compare"),
            "attack,model,defense,block,measure,other,run,run minus other\n"
            "FGSM,CNNIQA,base,Score before & after attack,RMSE ↓,2,1,-1\n");
  EXPECT_THAT(csv("rmse"), HasSubstr("before_after.CNNIQA (other).base"));
  EXPECT_THAT(csv("rmse"), HasSubstr("before_after.CNNIQA (run).base"));
}

TEST_F(WriteReport, EveryDataSetHasTablesOfItsOwn) {
  FilledRun run(run_);
  run.model("a", "none");
  run.attack("fgsm", "");
  for (const double value : {1.0, 2.0}) {
    run.dataset = "data " + std::to_string(static_cast<int>(value));
    run.measures("before_after", {value});
  }
  EXPECT_THAT(markdown({run_}), HasSubstr("**RMSE ↓ under attack. data 2."));
  EXPECT_THAT(csv("rmse"), HasSubstr("FGSM,,1\n"));
  EXPECT_THAT(csv("rmse-2"), HasSubstr("FGSM,,2\n"));
}

TEST_F(WriteReport, SaysThatARunIsNotFinished) {
  {
    FilledRun run(run_);
    run.model("a", "none");
    run.attack("fgsm", "");
    run.score(50, 60, 40);
  }
  const std::string text = markdown({run_});
  EXPECT_THAT(text, HasSubstr("> **Not finished:** run 1 of " + run_.string() +
                              " is marked \"running\"; its numbers cover only what it had done."));
  EXPECT_THAT(text, HasSubstr("| [50,75) | 1 | 20.000 | 20.000 | - |"));
}

TEST_F(WriteReport, ARunWithoutAttacksSaysSo) {
  FilledRun(run_).finish();
  EXPECT_THAT(markdown({run_}), HasSubstr("## Robustness\n\nNo attack was evaluated.\n\n## Runs"));
  EXPECT_FALSE(fs::exists(out_ / "tables" / "measures.csv"));
}

TEST_F(WriteReport, WithoutResultsThereIsNoReport) {
  expect_error(ErrorKind::kUsage, {"no run folder was given", "", "name at least one RUN folder"},
               [&] { (void)write_report({}, out_); });
  expect_error(ErrorKind::kData,
               {"there is no results database", (run_ / "results.sqlite").string(),
                "name the folder of a run"},
               [&] { (void)write_report({run_}, out_); });
  EXPECT_FALSE(fs::exists(run_));
}

}  // namespace write_report_test
}  // namespace robiq
