// Chosen cells, failed ones, changed study files, thresholds and status, by the real program.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/shell.h"
#include "support/tiny_study.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using test::count;
using test::Finished;
using test::Json;
using test::kTiny;
using test::replaced;
using test::robiq;
using test::root;
using test::run_command;
using test::run_well;
using test::scores;
using test::states;
using test::study;
using test::undisturbed;
using testing::HasSubstr;
using testing::Not;

TEST(Experiment, ChosenCellsBringWhatTheyNeed) {
  static_cast<void>(undisturbed());  // writes tiny.toml
  run_well("tiny.toml", "chosen", "--cell evaluate/*/none/seed1");
  const auto state = states("tiny.toml", "chosen");
  EXPECT_EQ(count(state, "done"), 4U);
  EXPECT_EQ(state.at("train/cnniqa/none/seed1"), "done");
  EXPECT_EQ(state.at("train/cnniqa/none/seed0"), "to do");
  const Finished unknown = robiq(run_command("tiny.toml", "chosen") + " --cell nothing*");
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("no cell is called 'nothing*'"));
  run_well("tiny.toml", "chosen");
  EXPECT_EQ(scores("chosen"), scores(undisturbed()));
}

TEST(Experiment, AFailedCellLeavesTheOthers) {
  const std::string file = study(
      "failing", replaced(replaced(kTiny, "seeds = [0, 1]", "seeds = [0]"), "[[defense]]",
                          "[[model]]\nname = \"cnniqa:hidden=16,filters=8\"\nlabel = \"broken\"\n"
                          "train = { init = \"none.pth\" }\n[[defense]]"));
  const Finished missing = robiq(run_command(file, "failing"));
  EXPECT_EQ(missing.exit_code, 4) << missing.err;
  EXPECT_THAT(missing.err, HasSubstr("there is no file 'none.pth'"));
  EXPECT_THAT(missing.err, HasSubstr("train/broken/none/seed0"));
  EXPECT_EQ(count(states(file, "failing"), "to do"), 10U) << "nothing begins before all is there";
  write_file(root() / "none.pth", "not weights");
  const Finished got = robiq(run_command(file, "failing"));
  EXPECT_EQ(got.exit_code, 4) << got.err;
  EXPECT_THAT(got.err, HasSubstr("[3/10] train/broken/none/seed0 failed: "));
  EXPECT_THAT(got.err, HasSubstr("2 of 10 cells failed, and 2 that need them were not begun; the "
                                 "first, train/broken/none/seed0: "));
  EXPECT_THAT(got.err, HasSubstr("none.pth"));
  const auto state = states(file, "failing");
  EXPECT_EQ(count(state, "failed"), 2U);
  EXPECT_EQ(count(state, "to do"), 2U);
  EXPECT_EQ(state.at("evaluate/builtin/cnniqa/none/seed0"), "done");
  const Finished status = robiq("experiment status " + file + " --out failing");
  EXPECT_THAT(status.out, HasSubstr("none.pth"));
  EXPECT_THAT(status.err, HasSubstr("6 of 10 cells are done, 2 failed, 2 to do"));
  const Finished again = robiq(run_command(file, "failing"));
  EXPECT_EQ(again.exit_code, 4) << "they are tried again";
  EXPECT_THAT(again.err, HasSubstr("4 cells to do of 10"));
}

TEST(Experiment, AChangedStudyIsNotMixedWithWhatIsThere) {
  static_cast<void>(undisturbed());
  fs::copy(root() / "undisturbed", root() / "changed", fs::copy_options::recursive);
  const auto refused = [&](const std::string& text, const std::string& what) {
    const Finished got = robiq(run_command(study("changed", text), "changed"));
    EXPECT_EQ(got.exit_code, 2) << got.err;
    EXPECT_THAT(got.err, HasSubstr(what));
    EXPECT_THAT(got.err, HasSubstr("restore the study file"));
  };
  // The copy's own paths differ from those of the original folder: as a study begun there.
  refused(replaced(kTiny, "limit = 6", "limit = 7"),
          "the cell 'evaluate/builtin/cnniqa/none/seed0' was begun with other options");
  refused(replaced(kTiny, "epochs = 2", "epochs = 3"),
          "the cell 'train/cnniqa/none/seed0' was begun with other options");
  refused(replaced(kTiny, "seeds = [0, 1]", "seeds = [0]"),
          "the study no longer has the cell 'train/cnniqa/none/seed1'");
  refused(replaced(kTiny, "\"tiny\"", "\"other\""),
          "the folder holds the study 'tiny', not 'other'");
  const Finished title =
      run_well(study("changed", replaced(kTiny, "seeds", "title = \"New\"\nseeds")), "changed");
  EXPECT_THAT(title.err, HasSubstr("nothing is left to do"));
  EXPECT_THAT(read_file(root() / "changed/config.toml", 1 << 20), HasSubstr("title = \"New\"\n"));
  const Finished more =
      run_well(study("changed", replaced(kTiny, "[0, 1]", "[0, 1, 2]")), "changed");
  EXPECT_THAT(more.err, HasSubstr("6 cells to do of 18"));
}

TEST(Experiment, FailIfJudgesMeansOverSeeds) {
  const std::string& out = undisturbed();
  run_well("tiny.toml", out, "--fail-if mos_before.srocc()>2 --fail-if before_after.r(fgsm)<0");
  const Finished crossed =
      robiq(run_command("tiny.toml", out) +
            " --fail-if before_after.r(fgsm)@none>0 --fail-if mos_before.srocc()>2");
  EXPECT_EQ(crossed.exit_code, 1) << crossed.err;
  EXPECT_THAT(crossed.out, HasSubstr("mos_before")) << "the results are printed";
  EXPECT_THAT(crossed.err, HasSubstr("crossed: before_after.r(fgsm)@none>0: "));
  EXPECT_THAT(crossed.err, HasSubstr(", cnniqa none, epsilon=0.005"));
  EXPECT_THAT(crossed.err, Not(HasSubstr("cnniqa gradient-norm")));
  for (const char* nonsense : {"nonsense", "before_after.r(perceptual)<1",
                               "before_after.r(fgsm)@x<1", "before_after.srok(fgsm)<1"}) {
    const Finished refused = robiq(run_command("tiny.toml", "never") + " --fail-if " + nonsense);
    EXPECT_EQ(refused.exit_code, 2) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("--fail-if"));
  }
  EXPECT_FALSE(fs::exists(root() / "never")) << "refused before any work";
}

TEST(Evaluate, FailIf) {
  const std::string weights =
      undisturbed() + "/train/cnniqa/none/seed0/checkpoints/best.safetensors";
  const std::string evaluate =
      "evaluate --data builtin:scenes=4,size=64 --limit 4 --bootstrap 0 --level image --threads 1 "
      "--attack fgsm --weights " +
      weights + " --out judged ";
  const Finished well = robiq(evaluate + "--fail-if before_after.r(fgsm)@none<0");
  EXPECT_EQ(well.exit_code, 0) << well.err;
  const Finished crossed =
      robiq(evaluate + "--fail-if before_after.r(fgsm)>0 before_after.rmse(fgsm)<0");
  EXPECT_EQ(crossed.exit_code, 1) << crossed.err;
  EXPECT_THAT(crossed.out, HasSubstr("before_after"));
  EXPECT_THAT(crossed.err, HasSubstr("crossed: before_after.r(fgsm)>0: "));
  EXPECT_THAT(crossed.err, Not(HasSubstr("crossed: before_after.rmse")));
  for (const char* nonsense :
       {"r<1", "before_after.r(ifgsm)<1", "before_after.r(fgsm)@gradient-norm<1"}) {
    const Finished refused = robiq(evaluate + "--fail-if " + nonsense);
    EXPECT_EQ(refused.exit_code, 2) << refused.err;
  }
}

/// Rows of `experiment plan` by cell, and what it says below them.
std::pair<std::map<std::string, Json>, std::string> planned(const std::string& arguments) {
  const Finished got = robiq("experiment plan " + arguments + " --threads 1 --format json");
  EXPECT_EQ(got.exit_code, 0) << got.err;
  std::map<std::string, Json> rows;
  for (const Json& row : Json::parse(got.out)) rows[row["cell"]] = row;
  return {rows, got.err};
}

/// The tiny study without what needs a surrogate.
std::string white_boxes() {
  const std::string text = replaced(kTiny, "\"tiny\"", "\"white\"");
  return text.substr(0, text.find("[[attack]]\nspec = \"uap"));
}

TEST(ExperimentPlan, CountsWhatTheStudyThenDoes) {
  const std::string file = study("white", white_boxes());
  const auto [before, said] = planned(file + " --out white");
  EXPECT_FALSE(fs::exists(root() / "white")) << "a plan writes nothing";
  EXPECT_THAT(said, HasSubstr("8 of 8 cells are to do: about "));
  EXPECT_THAT(said, HasSubstr("measured now"));
  ASSERT_EQ(before.size(), 8);
  for (const auto& [cell, row] : before) {
    SCOPED_TRACE(cell);
    EXPECT_EQ(row["state"], "to do");
    EXPECT_GT(row["seconds"], 0);
    EXPECT_GT(row["memory_bytes"], std::int64_t{10} << 20);
    EXPECT_THAT(row["rests_on"].get<std::string>(), HasSubstr(" s "));
  }
  run_well(file, "white");
  const ResultsStore store(root() / "white/results.sqlite", ResultsStore::Access::kRead);
  for (const CellRow& cell : store.cells()) {
    if (!cell.cell.starts_with("evaluate/")) continue;
    const Json& row = before.at(cell.cell);
    std::int64_t forwards = 0, backwards = 0, pictures = 0, attacked = 0;
    for (const ScoreRow& score : store.scores(cell.run)) {
      const bool clean = score.attack == "none";
      pictures += clean ? 1 : 0;
      attacked += clean ? 0 : 1;
      forwards += clean ? 1 : score.forwards;  // one pass takes all views
      backwards += clean ? 1 : score.backwards;
    }
    EXPECT_EQ(row["pictures"], pictures);
    EXPECT_EQ(row["forwards"], forwards + 3 * attacked) << "and three scores of every attack";
    EXPECT_EQ(row["backwards"], backwards);
  }
  const std::string history =
      read_file(root() / "white/train/cnniqa/none/seed0/history.csv", 1 << 20);
  const auto steps = before.at("train/cnniqa/none/seed0")["steps"].get<std::int64_t>();
  EXPECT_THAT(history, HasSubstr(fmt::format("\n2,1,{},", steps)));
  EXPECT_THAT(planned(file + " --out white").second, HasSubstr("nothing is left to do: 8 cells"));
}

TEST(ExperimentPlan, KnowsFittedPerturbationsAndChosenCells) {
  const std::string file = study("tiny", kTiny);
  const auto rows = planned(file + " --out unplanned --cell evaluate/*/none/*").first;
  EXPECT_EQ(rows.size(), 2 + 2 + 2 + 2) << "trainings, surrogates, perturbations, evaluations";
  EXPECT_EQ(rows.at("uap/cnniqa:hidden=16,filters=8,seed=99-max_steps=3/seed0")["steps"], 3);
  const Finished missing = robiq("experiment plan " + file + " --data csv:none.csv");
  EXPECT_EQ(missing.exit_code, 3) << missing.err;
}

TEST(ExperimentStatus, OfAStudyThatWasNeverRun) {
  const std::string file = study("new", replaced(kTiny, "\"tiny\"", "\"new\""));
  const Finished got = robiq("experiment status " + file);
  EXPECT_EQ(got.exit_code, 0) << got.err;
  EXPECT_THAT(got.out, HasSubstr("surrogate/cnniqa:hidden=16,filters=8,seed=99/seed1"));
  EXPECT_THAT(got.err, HasSubstr("0 of 12 cells are done, 12 to do"));
  EXPECT_FALSE(fs::exists(root() / "runs/new"));
  const Finished missing = robiq("experiment status none.toml");
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("there is no file"));
  const Finished wrong = robiq("experiment run " + study("wrong", "name = 3\nsed = 1\n"));
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("wrong.toml:2:7"));
}

/// `robiq` where no program with LibTorch lies beside it.
Finished status_alone(const std::string& arguments) {
  const TemporaryFolder folder;
  const fs::path alone = folder.path() / "robiq";
  fs::copy(test::program_path(), alone);
  return test::run_shell(root(), "'" + alone.string() + "' experiment status " + arguments);
}

TEST(ExperimentStatus, NeedsNoLibTorchOnceTheStudyRan) {
  const std::string begun = "tiny.toml --out " + undisturbed() + " --format csv";
  const Finished alone = status_alone(begun);
  EXPECT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_THAT(alone.err, HasSubstr("12 of 12 cells are done"));
  const Finished full = test::run_shell(root(), "\"${robiq}-compute\" experiment status " + begun);
  EXPECT_EQ(alone.out, full.out);
  EXPECT_EQ(alone.err, full.err);
  const std::string unknown = "the other half of robiq cannot be started";
  EXPECT_THAT(status_alone("tiny.toml").err, HasSubstr(unknown)) << "never run there";
  EXPECT_THAT(status_alone(begun + " --data builtin:scenes=4,size=96").err, HasSubstr(unknown));
  const std::string changed = study("reworded", std::string(kTiny) + "# changed\n");
  EXPECT_THAT(status_alone(changed + " --out " + undisturbed()).err, HasSubstr(unknown));
  write_file(root() / "noted/cells.json", R"({"origin": 3})");
  EXPECT_THAT(status_alone("tiny.toml --out noted").err, HasSubstr(unknown));
}

TEST(ExperimentStatus, WithoutAPlanKnowsCellsOfOtherData) {
  const std::string file = study("moved", replaced(kTiny, "\"tiny\"", "\"moved\""));
  run_well(file, "moved", "--data builtin:scenes=4,size=96 --cell train/cnniqa/none/seed0");
  const Finished got = status_alone(file + " --out moved --data builtin:scenes=4,size=96");
  EXPECT_EQ(got.exit_code, 0) << got.err;
  EXPECT_THAT(got.err, HasSubstr("1 of 12 cells are done, 11 to do"));
}

}  // namespace
}  // namespace robiq
