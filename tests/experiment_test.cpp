// Whole studies from one file: their cells, kills, failures, processes and thresholds, by the real
// program; and the studies that robiq ships.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "robiq/app/study_plan.h"
#include "robiq/core/files.h"
#include "robiq/core/text.h"
#include "robiq/store/results_store.h"
#include "support/errors.h"
#include "support/program.h"
#include "support/ranks.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::Finished;
using test::Program;
using testing::HasSubstr;
using testing::Not;

/// Everything runs in one folder. No training happens before a test asks for it.
const fs::path& root() {
  static const TemporaryFolder folder;
  return folder.path();
}

Finished robiq(const std::string& arguments) { return test::run_program(root(), arguments); }

/// 2 x 2 trainings, a surrogate and a perturbation a seed, 4 evaluations: about three seconds.
constexpr const char* kTiny = R"(
name = "tiny"
seeds = [0, 1]
data = "builtin:scenes=4,size=64"
[train]
epochs = 2
batch_size = 128
learning_rate = 0.001
schedule = "constant"
[evaluate]
level = "image"
bootstrap = 10
limit = 6
[[model]]
name = "cnniqa:hidden=16,filters=8,patches=16"
[[defense]]
name = "none"
[[defense]]
name = "gradient-norm"
weight = 1e-6
[[attack]]
spec = ["fgsm", "ifgsm:steps=3"]
[[attack]]
spec = "uap:scale=0.04"
surrogate = "cnniqa:hidden=16,filters=8,seed=99"
fit = { max_steps = 3 }
[[attack]]
spec = "korhonen:most_steps=3,least_steps=1"
surrogate = "cnniqa:hidden=16,filters=8,seed=99"
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return at == text.npos ? text : text.replace(at, from.size(), to);
}

/// Writes a study file. \return its name
std::string study(const std::string& name, const std::string& text) {
  write_file(root() / (name + ".toml"), text);
  return name + ".toml";
}

std::string run_command(const std::string& file, const std::string& out) {
  return "experiment run " + file + " --threads 1 --out " + out;
}

Finished run_well(const std::string& file, const std::string& out, const std::string& more = "") {
  Finished got = robiq(run_command(file, out) + " " + more);
  EXPECT_EQ(got.exit_code, 0) << got.err;
  return got;
}

/// state by cell
std::map<std::string, std::string> states(const std::string& file, const std::string& out) {
  const Finished got = robiq("experiment status " + file + " --out " + out + " --format json");
  EXPECT_EQ(got.exit_code, 0) << got.err;
  std::map<std::string, std::string> states;
  for (const Json& row : Json::parse(got.out)) states[row["cell"]] = row["state"];
  return states;
}

std::size_t count(const std::map<std::string, std::string>& states, const std::string& state) {
  return static_cast<std::size_t>(std::count_if(states.begin(), states.end(),
                                                [&](const auto& s) { return s.second == state; }));
}

/// before and after by cell, picture and attack, whatever folder they are of.
std::map<std::string, std::pair<double, double>> scores(const std::string& out) {
  const ResultsStore store(root() / out / "results.sqlite", ResultsStore::Access::kRead);
  std::map<std::int64_t, std::string> pictures;
  for (const ImageRow& image : store.images()) pictures[image.id] = image.name;
  std::map<std::string, std::pair<double, double>> scores;
  for (const CellRow& cell : store.cells()) {
    if (!cell.cell.starts_with("evaluate/")) continue;
    for (const ScoreRow& row : store.scores(cell.run)) {
      const std::string key = cell.cell + " " + pictures.at(row.image) + " " + row.attack;
      EXPECT_TRUE(scores.emplace(key, std::pair(row.before, row.after)).second) << key;
    }
  }
  return scores;
}

/// The study that nothing disturbed; made once.
const std::string& undisturbed() {
  static const std::string out = [] {
    run_well(study("tiny", kTiny), "undisturbed");
    return "undisturbed";
  }();
  return out;
}

constexpr std::size_t kTinyCells = 12, kTinyScores = 4 * 6 * 5;

TEST(Experiment, DoesEveryCellAndPrintsMeansOverSeeds) {
  const std::string& out = undisturbed();
  EXPECT_EQ(count(states("tiny.toml", out), "done"), kTinyCells);
  EXPECT_EQ(scores(out).size(), kTinyScores);
  const Finished again = run_well("tiny.toml", out, "--format json");
  EXPECT_THAT(again.err, HasSubstr("nothing is left to do: 12 of 12 cells are done"));
  const Json rows = Json::parse(again.out);
  EXPECT_EQ(rows.size(), 2U * (1 + 4 * 2));
  EXPECT_EQ(rows[0]["attack"], "none");
  EXPECT_EQ(rows[0]["seeds"], 2);
  EXPECT_TRUE(rows[0]["srocc"].is_number());
  EXPECT_TRUE(rows[0]["srocc_std"].is_number());
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(),
                          [](const Json& row) {
                            return row["attack"] == "uap" && row["seeds"] == 2 &&
                                   row["options"].get<std::string>().starts_with("file=fitted,");
                          }),
            2 * 2)
      << "perturbations of different seeds are one attack";
}

TEST(Experiment, LeavesARunFolder) {
  const fs::path out = root() / undisturbed();
  const std::string config = read_file(out / "config.toml", 1 << 20);
  EXPECT_EQ(study_text(parse_study(kTiny, "tiny")), config);
  const std::string log = read_file(out / "log.txt", 1 << 20);
  EXPECT_THAT(log, HasSubstr("study tiny: 12 cells to do of 12, in undisturbed"));
  EXPECT_THAT(log, HasSubstr("[1/12] train cnniqa none seed 0"));
  EXPECT_THAT(log,
              HasSubstr("[12/12] evaluate cnniqa gradient-norm:weight=1e-06 on builtin seed 1"));
  EXPECT_THAT(log, HasSubstr("[11/12] done in "));
  EXPECT_THAT(log, HasSubstr("; about "));
  EXPECT_TRUE(fs::exists(out / "train/cnniqa/none/seed1/checkpoints/best.safetensors"));
  const ResultsStore store(out / "results.sqlite", ResultsStore::Access::kRead);
  std::size_t experiments = 0, evaluations = 0;
  for (const RunRow& run : store.runs()) {
    EXPECT_EQ(run.status, "finished");
    evaluations += run.kind == "evaluate" ? 1 : 0;
    if (run.kind != "experiment") continue;
    ++experiments;
    EXPECT_EQ(run.config_toml, config);
  }
  EXPECT_EQ(experiments, 1U);
  EXPECT_EQ(evaluations, 4U);
}

TEST(Experiment, KilledTwiceItEndsTheSame) {
  const auto whole = scores(undisturbed());
  const std::vector<std::string> moments = {"[3/12] train", "[10/12] evaluate"};
  for (const std::string& moment : moments) {
    Program program(root(), test::words(run_command("tiny.toml", "killed")));
    const fs::path log = root() / "killed/log.txt";
    ASSERT_TRUE(program.wait_until([&] {
      return fs::exists(log) && read_file(log, 1 << 20).find(moment) != std::string::npos;
    })) << moment;
    program.send(SIGKILL);
    EXPECT_EQ(program.wait().signal, SIGKILL);
    EXPECT_GE(count(states("tiny.toml", "killed"), "stopped"), 1U);
  }
  const Finished end = run_well("tiny.toml", "killed");
  EXPECT_THAT(end.err, Not(HasSubstr("[2/12]"))) << "what was done is not done again";
  EXPECT_EQ(scores("killed"), whole);
  const ResultsStore store(root() / "killed/results.sqlite", ResultsStore::Access::kRead);
  const auto runs = store.runs();
  EXPECT_EQ(std::count_if(runs.begin(), runs.end(),
                          [](const RunRow& run) { return run.kind == "evaluate"; }),
            4)
      << "a cut off evaluation went on in its own run";
}

TEST(Experiment, InterruptedItSaysHowToGoOn) {
  Program program(root(), test::words(run_command("tiny.toml", "interrupted")));
  ASSERT_TRUE(program.wait_until(
      [&] { return fs::exists(root() / "interrupted/train/cnniqa/none/seed0/config.toml"); }));
  program.send(SIGINT);
  const Finished stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("interrupted: the study was stopped; go on with: robiq "
                                     "experiment run tiny.toml --threads 1 --out interrupted\n"));
  run_well(study("interrupted", replaced(kTiny, "seeds", "title = \"Later\"\nseeds")),
           "interrupted");
  EXPECT_EQ(scores("interrupted"), scores(undisturbed()));
  const ResultsStore store(root() / "interrupted/results.sqlite", ResultsStore::Access::kRead);
  for (const RunRow& run : store.runs()) {
    EXPECT_TRUE(run.kind == "cell" || run.status == "finished") << run.kind << " " << run.label;
  }
}

TEST(Experiment, OnlyOneProgramAtATime) {
  Program program(root(), test::words(run_command("tiny.toml", "busy")));
  ASSERT_TRUE(program.wait_until(
      [&] { return fs::exists(root() / "busy/train/cnniqa/none/seed0/config.toml"); }));
  const auto meanwhile = states("tiny.toml", "busy");
  const Finished second = robiq(run_command("tiny.toml", "busy"));
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.err, HasSubstr("another robiq works on this study"));
  EXPECT_EQ(count(meanwhile, "stopped"), 0U);
  EXPECT_GE(count(meanwhile, "running") + count(meanwhile, "done"), 1U);
  EXPECT_EQ(program.wait().exit_code, 0);
}

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

TEST(Experiment, ProcessesShareTheCells) {
  SKIP_WITHOUT_GROUPS();
  const auto whole = scores(undisturbed());
  const auto ended = test::Ranks(root(), 2, run_command("tiny.toml", "ranks")).wait();
  for (const Finished& one : ended) EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_EQ(ended[1].out + ended[1].err, "") << "the first alone prints";
  EXPECT_EQ(count(states("tiny.toml", "ranks"), "done"), kTinyCells);
  EXPECT_EQ(scores("ranks"), whole);
}

TEST(Experiment, ALostProcessEndsTheOthersAndTheNextRunGoesOn) {
  SKIP_WITHOUT_GROUPS();
  const auto whole = scores(undisturbed());
  test::Ranks ranks(root(), 2, run_command("tiny.toml", "lost"));
  ASSERT_TRUE(ranks[1].wait_until([&] {
    return fs::exists(root() / "lost/train/cnniqa/gradient-norm-weight=1e-06/seed0/config.toml");
  }));
  ranks[1].send(SIGKILL);
  const auto ended = ranks.wait();
  EXPECT_EQ(ended[0].exit_code, 5) << ended[0].err;
  run_well("tiny.toml", "lost");
  EXPECT_EQ(scores("lost"), whole);
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

TEST(Experiment, ThreadsStayThoseOfItsBeginning) {
  const std::string file = study("threads", replaced(kTiny, "\"tiny\"", "\"threads\""));
  Program program(root(), test::words(run_command(file, "threads")));
  ASSERT_TRUE(program.wait_until(
      [&] { return fs::exists(root() / "threads/train/cnniqa/none/seed0/config.toml"); }));
  program.send(SIGKILL);
  static_cast<void>(program.wait());
  const Finished other = robiq("experiment run " + file + " --out threads --threads 2");
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("go on with --threads 1"));
  EXPECT_EQ(robiq("experiment run " + file + " --out threads --cell train/*/none/seed0").exit_code,
            0);
  EXPECT_THAT(read_file(root() / "threads/train/cnniqa/none/seed0/config.toml", 1 << 20),
              HasSubstr("threads = 1\n"));
}

fs::path shipped(const std::string& name) {
  return fs::path(ROBIQ_SOURCE_DIR) / "experiments" / (name + ".toml");
}

TEST(ShippedStudies, AreReadAndPlanned) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(ROBIQ_SOURCE_DIR) / "experiments")) {
    if (entry.path().extension() != ".toml") continue;
    SCOPED_TRACE(entry.path());
    const Study study = read_study(entry.path());
    EXPECT_EQ(study.head.name, entry.path().stem().string());
    EXPECT_NE(study.head.title, "");
    EXPECT_FALSE(plan_study(study, StudyFolder("out")).empty());
    names.push_back(study.head.name);
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("paper", "attack-losses", "lambda", "examples",
                                                   "security", "mini-paper", "mini-lambda",
                                                   "mini-examples", "mini-models"));
}

TEST(ShippedStudies, ThePaperIsTablesS1AndS3) {
  const auto cells = plan_study(read_study(shipped("paper")), StudyFolder("out"));
  const auto train = [&](const std::string& model) {
    const auto it = std::find_if(cells.begin(), cells.end(), [&](const StudyCell& cell) {
      return cell.name == "train/" + model + "/none/seed0";
    });
    return std::get<TrainRequest>(it->request);
  };
  EXPECT_EQ(train("hyperiqa").batch_size, 16);
  EXPECT_EQ(train("hyperiqa").epochs, 16);
  EXPECT_EQ(train("dbcnn").batch_size, 6);
  EXPECT_EQ(train("dbcnn").epochs, 50);
  EXPECT_EQ(train("linearityiqa").batch_size, 4);
  EXPECT_EQ(train("linearityiqa").epochs, 30);
  EXPECT_EQ(train("maniqa").batch_size, 1);
  EXPECT_EQ(train("maniqa").epochs, 30);
  const auto& evaluate = std::get<EvaluateRequest>(cells.back().request);
  const std::string attacks = join(evaluate.attack, "; ");
  EXPECT_THAT(attacks, HasSubstr("fgsm:epsilon=0.005,step_size=0.01"));
  EXPECT_THAT(attacks, HasSubstr("perceptual:steps=200,weight=1000000"));
  EXPECT_THAT(attacks, HasSubstr("scale=0.04"));
  EXPECT_THAT(attacks, HasSubstr("korhonen:learning_rate=0.2"));
  EXPECT_EQ(evaluate.views, "paper");
}

std::string page() {
  return read_file(fs::path(ROBIQ_SOURCE_DIR) / "docs/experiment-file.md", 1 << 20);
}

TEST(ExperimentPage, ItsExampleIsAStudy) {
  const std::string text = page();
  const std::string fence = "```toml\n";
  const std::size_t from = text.find(fence) + fence.size();
  const Study study = parse_study(text.substr(from, text.find("```", from) - from), "page");
  const auto cells = plan_study(study, StudyFolder("out"));
  const auto stage = [&](const std::string& name) {
    return std::count_if(cells.begin(), cells.end(),
                         [&](const StudyCell& cell) { return cell.stage == name; });
  };
  EXPECT_EQ(stage("train"), 2 * 3 * 3);
  EXPECT_EQ(stage("surrogate"), 3);
  EXPECT_EQ(stage("uap"), 3);
  EXPECT_EQ(stage("evaluate"), 2 * (2 * 3 + 1) * 2 * 3);
}

template <class Keys>
void expect_described() {
  const std::string text = page();
  for (const OptionDoc& doc : document_options<Keys>()) {
    EXPECT_THAT(text, HasSubstr("`" + doc.name + "`"));
  }
}

TEST(ExperimentPage, DescribesEveryKey) {
  expect_described<StudyHead>();
  expect_described<StudyModelKeys>();
  expect_described<StudyDefense>();
  expect_described<StudyAttackKeys>();
  expect_described<StudyReport>();
}

/// A mini study on very small pictures, for one epoch.
class MiniStudies : public testing::TestWithParam<const char*> {};

TEST_P(MiniStudies, RunShrunk) {
  Study study = read_study(shipped(GetParam()));
  study.head.data = {"builtin:scenes=4,size=64"};
  study.head.seeds = {"0"};
  study.train["epochs"] = {std::int64_t{1}, "test"};
  study.train["limit"] = {std::int64_t{6}, "test"};
  study.surrogate["epochs"] = {std::int64_t{1}, "test"};
  study.evaluate["limit"] = {std::int64_t{4}, "test"};
  study.evaluate["bootstrap"] = {std::int64_t{0}, "test"};
  const std::string name = std::string("shrunk-") + GetParam();
  write_file(root() / (name + ".toml"), study_text(study));
  const Finished got = run_well(name + ".toml", name);
  EXPECT_THAT(got.out, HasSubstr("before_after"));
}

INSTANTIATE_TEST_SUITE_P(Shipped, MiniStudies,
                         testing::Values("mini-paper", "mini-lambda", "mini-examples"),
                         [](const auto& study) {
                           std::string name = study.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace robiq
