#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "robiq/report/evidence/names/titles.h"
#include "robiq/report/render/render.h"
#include "robiq/report/write_report.h"
#include "support/report_tables.h"

namespace robiq {
namespace tables_test {

using test::FilledEvidence;
using test::table_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kNt = "gradient-norm:weight=0.001,step=0.01";

ReportSettings with_paper() {
  ReportSettings settings;
  settings.paper = true;
  return settings;
}

TEST(Tables, EveryTwinHasAColumnAndAMissingOneADash) {
  FilledEvidence filled;
  filled.attack("fgsm");
  for (const char* defense : {"none", "gradient-norm:weight=1e-05", "gradient-norm:weight=0.001"}) {
    filled.model("dbcnn", defense)
        .measure("before_after", "krocc", defense == std::string("none") ? 0.25 : 0.75);
  }
  filled.model("cnniqa", "none").measure("before_after", "krocc", 0.5);
  filled.model("maniqa", "gradient-norm:weight=0.001").measure("before_after", "krocc", 0.25);
  const std::string text = render_markdown(table_of(filled.evidence, "s4"));
  EXPECT_THAT(text, HasSubstr("Score before & after attack: DBCNN base / +NT 1e-05 | "
                              "Score before & after attack: DBCNN base / +NT 0.001 | "
                              "Score before & after attack: MANIQA +NT 0.001 |"));
  EXPECT_THAT(text, HasSubstr("| FGSM | - | - / - | - / - | - | 0.5000 | "
                              "0.2500 / **0.7500** | 0.2500 / **0.7500** | 0.2500 |"));
}

TEST(Tables, TwinsThatDifferInAStepHaveColumnsOfTheirOwn) {
  FilledEvidence filled;
  filled.attack("fgsm").model("cnniqa", "none").measure("before_after", "r", 1);
  for (const char* step : {"0.01", "0.02"}) {
    filled.model("cnniqa", std::string("gradient-norm:weight=0.001,form=abs,step=") + step)
        .measure("before_after", "r", step == std::string("0.01") ? 2 : 3);
  }
  EXPECT_EQ(render_csv(table_of(filled.evidence, "s6")),
            "attack,before_after.CNNIQA.base,before_after.CNNIQA.+NT step=0.01,"
            "before_after.CNNIQA.+NT step=0.02\nFGSM,1,2,3\n");
}

TEST(Tables, WhiteBoxesStandBeforeBlackOnesWhichHaveAnAsterisk) {
  FilledEvidence filled;
  filled.model("cnniqa", "none");
  for (const char* attack : {"uap", "korhonen", "perceptual", "noise", "fgsm"}) {
    filled.attack(attack).measure("before_after", "rmse", 1);
  }
  filled.attack("fgsm", "", "dbcnn").measure("before_after", "rmse", 1);
  const Table table = table_of(filled.evidence, "rmse");
  std::vector<std::string> attacks;
  for (const Row& row : table.rows) attacks.push_back(row.about.attack);
  EXPECT_THAT(attacks, ElementsAre("FGSM", "Perceptual", "noise", "FGSM* from DBCNN (surrogate)",
                                   "UAP*", "Kor.*"));
  EXPECT_THAT(table.notes.at(0), HasSubstr("*: a black box"));
  EXPECT_THAT(render_markdown(table), HasSubstr("\n| UAP\\* | "));
}

TEST(Tables, AttacksHaveTheirOptions) {
  FilledEvidence filled;
  filled.model("cnniqa", "none");
  filled.attack("perceptual", "weight=1000000,epsilon=0.03137254901960784,heads=,start=noise")
      .measure("before_after", "rmse", 1);
  filled.attack("uap", "scale=0.04", "dbcnn", "none").measure("before_after", "rmse", 1);
  EXPECT_EQ(
      render_csv(table_of(filled.evidence, "attacks")),
      "attack,options,level,made_on\n"
      "Perceptual,\"epsilon=0.0313725, start=noise, weight=1000000\",view,the attacked model\n"
      "UAP*,scale=0.04,view,DBCNN base\n");
}

TEST(Tables, SeedsGiveAMeanAndADeviation) {
  FilledEvidence filled;
  filled.model("cnniqa", "none").attack("fgsm", "epsilon=0.005");
  for (const int seed : {0, 1, 2}) {
    filled.seed(std::to_string(seed)).measure("before_after", "rmse", 10 + seed);
  }
  filled.model("cnniqa", kNt).seed("0").measure("before_after", "rmse", 4);
  const Table table = table_of(filled.evidence, "rmse");
  EXPECT_EQ(table.caption,
            "RMSE ↓ under attack, base / +NT. builtin, seeds 0, 1, 2. FGSM epsilon=0.005.");
  EXPECT_THAT(render_markdown(table), HasSubstr("| FGSM | - / - | 11.000 ± 1.000 / **4.000** |"));
  EXPECT_THAT(table.notes, ElementsAre("±: standard deviation over seeds.",
                                       "The seeds differ in number. CNNIQA base: 3; CNNIQA +NT: "
                                       "1."));
  EXPECT_EQ(render_csv(table),
            "attack,mos_after.CNNIQA.base,mos_after.CNNIQA.+NT,before_after.CNNIQA.base,"
            "before_after.CNNIQA.base_sd,before_after.CNNIQA.+NT\nFGSM,,,11,1,4\n");
}

TEST(Tables, NotesOfMeasuresAreGathered) {
  FilledEvidence filled;
  filled.attack("fgsm");
  for (const char* defense : {"none", kNt}) {
    filled.model("cnniqa", defense).measure("before_after", "r", 1, "1 picture did not move");
  }
  EXPECT_THAT(table_of(filled.evidence, "s6").notes,
              ElementsAre("1 picture did not move: CNNIQA +NT under FGSM; CNNIQA base under "
                          "FGSM."));
}

TEST(Tables, ThePapersNumbersStandBelowOurs) {
  FilledEvidence filled;
  filled.model("hyperiqa", "none");
  filled.attack("fgsm", "epsilon=0.005").measures("before_after", {1, 1, 1, 0.05, 0.5});
  filled.attack("fgsm", "epsilon=0.03").measures("before_after", {1, 1, 1, 0.05, 0.5});
  filled.model("hyperiqa", kNt);
  filled.attack("fgsm", "epsilon=0.005").measures("before_after", {1, 1, 1, 0.85, 0.75});
  const Table table = table_of(filled.evidence, "s4", with_paper());
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_TRUE(table.rows[1].reference);
  EXPECT_EQ(table.rows[1].about.attack, "FGSM epsilon=0.005");
  EXPECT_THAT(render_markdown(table),
              HasSubstr("| FGSM epsilon=0.005 (paper) | 0.020 / **0.610** | 0.043 / **0.806** |"));
  EXPECT_THAT(render_csv(table), HasSubstr("FGSM epsilon=0.005 (paper),0.02,0.61,0.043,0.806,"
                                           "paper\n"));
  const Table r = table_of(filled.evidence, "s6", with_paper());
  EXPECT_THAT(render_markdown(r), HasSubstr("| 0.659 / **1.099** |"));
  EXPECT_THAT(r.notes,
              testing::Contains(HasSubstr("MANIQA's values fit scores on the scale 0..1")));
  const Table rmse = table_of(filled.evidence, "rmse", with_paper());
  EXPECT_EQ(rmse.rows.size(), 2U);
  EXPECT_THAT(rmse.notes.at(0), HasSubstr("36.758 against MOS, 32.778 between scores"));
  EXPECT_EQ(table_of(filled.evidence, "s4").rows.size(), 2U);
}

TEST(Tables, AveragesAreOverAttacksAndOfSeeds) {
  FilledEvidence filled;
  for (const int seed : {0, 1}) {
    filled.seed(std::to_string(seed));
    for (const bool nt : {false, true}) {
      filled.model("dbcnn", nt ? kNt : "none");
      filled.attack("fgsm").measures("before_after", {nt ? 10.0 : 30.0 + seed, nt ? 0.5 : 0.25});
      filled.attack("perceptual").measures("before_after", {nt ? 20.0 : 30.0, nt ? 0.5 : 0.5});
      filled.attack("uap").measures("before_after", {nt ? 1.0 : 4.0, nt ? 0.5 : 0.75});
    }
  }
  filled.model("dbcnn", "none").attack("files").measures("before_after", {1, 1});
  const Table table = table_of(filled.evidence, "s7", with_paper());
  const std::string text = render_markdown(table);
  // seed 0: (-20 - 10) / 2, seed 1: (-21 - 10) / 2
  EXPECT_THAT(text, HasSubstr("| White box | -15.2500 ± 0.3536 / 0.1250 ± 0.0000 |\n"
                              "| White box (paper) | -31.5900 / 0.7465 |\n"
                              "| Black box | -3.0000 ± 0.0000 / -0.2500 ± 0.0000 |\n"));
  EXPECT_THAT(text, HasSubstr("| Overall | -11.1667 ± 0.2357 / 0.0000 ± 0.0000 |\n"));
  EXPECT_THAT(text, HasSubstr("| Overall (paper) | -17.0768 / 0.3873 |"));
}

TEST(Tables, TheStrongestLossIsBold) {
  FilledEvidence filled;
  filled.model("dbcnn", "none");
  for (const char* loss : {"mae", "mid"}) {
    const bool mid = loss == std::string("mid");
    filled.attack("fgsm", std::string("epsilon=0.005,loss=") + loss + ",start=auto")
        .measures("mos_after", {mid ? 40.0 : 10.0, mid ? -0.5 : 0.9, 0.5, 0.5});
  }
  filled.attack("ifgsm", "loss=mid").measures("mos_after", {1, 1, 1, 1});
  const Table table = table_of(filled.evidence, "s2", with_paper());
  EXPECT_EQ(table.columns[4].name, "RMSE ↑");
  EXPECT_EQ(table.columns[5].name, "SROCC ↓");
  const std::string text = render_markdown(table);
  EXPECT_THAT(text,
              HasSubstr("| DBCNN | base | FGSM | mae | 10.0000 | 0.9000 | 0.5000 | 0.5000 |"));
  EXPECT_THAT(text, HasSubstr("| FGSM | mid | **40.0000** | **-0.5000** | 0.5000 | 0.5000 |"));
  EXPECT_THAT(text, HasSubstr("| FGSM (paper) | mid | **36.7580** | **-0.3180** |"));
  EXPECT_THAT(text, Not(HasSubstr("I-FGSM")));
  EXPECT_THAT(text, HasSubstr("rows of mae and mse cannot be reproduced"));
}

TEST(Tables, BandsAreMeansOfSeeds) {
  FilledEvidence filled;
  filled.model("cnniqa", "none").attack("fgsm");
  for (const int seed : {0, 1}) {
    filled.seed(std::to_string(seed));
    filled.score("a", {10, 20, 30.0 + seed, 25});
    filled.score("b", {49.9, 20, 50.0 + 3 * seed, 25});
  }
  // means 20 and 22, largest 30 and 33
  EXPECT_THAT(render_markdown(table_of(filled.evidence, "bands")),
              HasSubstr("| FGSM | CNNIQA | base | [0,50) | 4 | 21.000 ± 1.414 | 31.500 ± 2.121 | "
                        "5.000 ± 0.000 |"));
}

TEST(Tables, EverySweptDefenseHasATableAndTitlesByItsCard) {
  FilledEvidence filled;
  const auto add = [&](const std::string& defense, const DefenseStrength& strength) {
    filled.model("cnniqa", defense).strength(strength);
    filled.attack("none").measures("mos_before", {5, 0.9});
    filled.attack("fgsm").measures("before_after", {30, 0.25});
  };
  add("none", {});
  add("gradient-norm:weight=0.01", {});
  add("gradient-norm:weight=0.02", {});
  add("haze", {"Haze", "reach", "", 0.2});  // the default, of which its text is silent
  add("haze:reach=0.1", {"Haze", "reach", "", 0.1});
  const std::string nt = render_csv(table_of(filled.evidence, "lambda"));
  EXPECT_THAT(nt, HasSubstr("attack,model,weight,"));
  EXPECT_THAT(nt, HasSubstr("FGSM,CNNIQA,0,"));
  EXPECT_THAT(nt, HasSubstr("FGSM,CNNIQA,0.02,"));
  const Table haze = table_of(filled.evidence, "lambda-2");
  EXPECT_THAT(haze.caption, HasSubstr("The reach of Haze, clean and attacked"));
  EXPECT_THAT(render_csv(haze), HasSubstr("attack,model,reach,"));
  EXPECT_THAT(render_csv(haze), HasSubstr("FGSM,CNNIQA,0,0.9,5,,,0.25,30\n"
                                          "FGSM,CNNIQA,0.1,0.9,5,,,0.25,30\n"
                                          "FGSM,CNNIQA,0.2,0.9,5,,,0.25,30\n"));
  const Titles titles(filled.evidence);
  const auto title = [&](const std::string& defense) {
    return titles.defense({"", "cnniqa", defense});
  };
  EXPECT_EQ(title("gradient-norm:weight=0.01"), "+NT 0.01");
  EXPECT_EQ(title("haze"), "+Haze 0.2");
  EXPECT_EQ(title("haze:reach=0.1"), "+Haze 0.1");
}

TEST(Tables, LambdaHasARowForEveryWeight) {
  FilledEvidence filled;
  for (const char* defense : {"none", "gradient-norm:weight=0.01", "gradient-norm:weight=1e-05"}) {
    filled.model("cnniqa", defense);
    filled.attack("none").measures("mos_before", {5, 0.9});
    filled.attack("fgsm").measures("mos_after", {20, 0.5});
    filled.measures("before_after", {defense == std::string("none") ? 30.0 : 10.0, 0.25});
  }
  filled.model("dbcnn", "none").measures("before_after", {1, 1});
  filled.model("dbcnn", kNt).measures("before_after", {1, 1});
  const Table table = table_of(filled.evidence, "lambda");
  EXPECT_THAT(render_csv(table),
              "attack,model,weight,mos_before.srocc,mos_before.rmse,mos_after.srocc,mos_after.rmse,"
              "before_after.srocc,before_after.rmse\n"
              "FGSM,CNNIQA,0,0.9,5,0.5,20,0.25,30\n"
              "FGSM,CNNIQA,1e-05,0.9,5,0.5,20,0.25,10\n"
              "FGSM,CNNIQA,0.01,0.9,5,0.5,20,0.25,10\n");
  EXPECT_THAT(render_markdown(table), HasSubstr("| 0.2500 | **10.000** |"));
}

TEST(Tables, TransferHasTheWhiteBoxWhereBothAreOne) {
  FilledEvidence filled;
  filled.model("cnniqa", "none").attack("fgsm").measure("before_after", "rmse", 30);
  filled.model("dbcnn", "none").attack("fgsm").measure("before_after", "rmse", 20);
  filled.attack("fgsm", "", "cnniqa", "none").measure("before_after", "rmse", 5);
  EXPECT_EQ(render_csv(table_of(filled.evidence, "transfer")),
            "attack,made_on,CNNIQA.base,DBCNN.base\nFGSM,CNNIQA base,30,5\n");
}

TEST(Tables, CostIsAMeanOverPictures) {
  FilledEvidence filled;
  filled.model("cnniqa", "none").attack("ifgsm", "steps=10");
  for (const double seconds : {1.0, 2.0}) {
    PictureScore score{10, 20, 30};
    score.seconds = seconds;
    score.forwards = score.backwards = 10;
    filled.score(seconds > 1 ? "a" : "b", score);
  }
  RunRow run;
  run.kind = RunKind::kTrain;
  run.label = std::string("cnniqa ") + kNt;
  run.status = RunStatus::kFinished;
  run.device = "cpu";
  run.threads = 2;
  run.seed = 3;
  run.started_utc = "2024-02-28T23:59:00Z";
  run.finished_utc = "2024-03-01T00:00:30Z";
  filled.evidence.runs.push_back({run, "RUN"});
  run.status = RunStatus::kInterrupted;
  filled.evidence.runs.push_back({run, "RUN"});
  EXPECT_EQ(
      render_csv(table_of(filled.evidence, "cost")),
      "attack,model,defense,seconds,forwards,backwards,queries\nI-FGSM,CNNIQA,base,1.5,10,10,\n");
  EXPECT_EQ(render_csv(table_of(filled.evidence, "training")),
            "model,defense,seed,device,threads,seconds\nCNNIQA,'+NT,3,cpu,2,86490\n");
}

// A training and its evaluation are about one model, in whatever order its options were given.
TEST(Tables, ATrainedModelHasItsOptionsInOrder) {
  RunRow run;
  run.label = "cnniqa:window=5,filters=8 gradient-norm:weight=0.001";
  EXPECT_EQ(trained_subject(run),
            (Subject{"", "cnniqa:filters=8,window=5", "gradient-norm:weight=0.001"}));
  run.label = "torchscript:file=/my dir/a,,b.pt,device=cpu adversarial:heads=/my dir/h.safetensors";
  EXPECT_EQ(trained_subject(run), (Subject{"", "torchscript:device=cpu,file=/my dir/a,,b.pt",
                                           "adversarial:heads=/my dir/h.safetensors"}));
}

TEST(Tables, CaptionsSayHowStrongAttacksAreInShortNumbers) {
  FilledEvidence filled;
  filled.dataset = "csv:set.csv,best=92.43181818,worst=4.49313798372287";
  filled.model("cnniqa:dropout=0.49313798372287", "none");
  filled.attack("perceptual", "constraint=ssim,epsilon=0.1,steps=7,weight=100000")
      .measure("before_after", "rmse", 2);
  filled.attack("fgsm", "epsilon=0.03137254901960784").measure("before_after", "rmse", 2);
  const Table table = table_of(filled.evidence, "rmse");
  EXPECT_THAT(table.caption, HasSubstr("csv:set.csv,best=92.43,worst=4.493"));
  EXPECT_THAT(table.caption,
              HasSubstr("FGSM epsilon=0.03137; Perceptual constraint=ssim steps=7 weight=100000."));
  EXPECT_THAT(render_markdown(table), HasSubstr("CNNIQA dropout=0.4931"));
}

TEST(Tables, TitlesKeepTheDigitsThatTellThemApart) {
  FilledEvidence filled;
  filled.attack("fgsm");
  for (const char* const model : {"cnniqa:dropout=0.49313798", "cnniqa:dropout=0.49313799"}) {
    filled.model(model, "none").measure("before_after", "rmse", 2);
  }
  EXPECT_EQ(Titles(filled.evidence).model({"", "cnniqa:dropout=0.49313798", "none"}),
            "CNNIQA dropout=0.49313798");
}

}  // namespace tables_test
}  // namespace robiq
