// Whole studies from one file, by the real program: what they do and leave, kills, interruptions,
// several processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "robiq/app/study/file/study.h"
#include "robiq/store/run_inputs.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/det.h"
#include "support/ranks.h"
#include "support/tiny_study.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::count;
using test::Finished;
using test::kTiny;
using test::kTinyCells;
using test::kTinyScores;
using test::Program;
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
    EXPECT_EQ(run.status, RunStatus::kFinished);
    evaluations += run.kind == RunKind::kEvaluate ? 1 : 0;
    if (run.kind != RunKind::kExperiment) continue;
    ++experiments;
    EXPECT_EQ(sorted_options_in(run.config_toml), sorted_options_in(config));
    EXPECT_THAT(run.config_toml, HasSubstr("the data builtin:scenes=4,size=64"));
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
                          [](const RunRow& run) { return run.kind == RunKind::kEvaluate; }),
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
    EXPECT_TRUE(run.kind == RunKind::kCell || run.status == RunStatus::kFinished)
        << word_of(run.kind) << " " << run.label;
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

TEST(Experiment, EvaluatesAgainWhatWasRemadeUnderItsName) {
  undisturbed();
  const auto draw = [](const std::string& name, const std::string& as) {
    write_png(root() / "remade" / name, det::image({as, 64, 64}));
  };
  draw("a.png", "a");
  draw("b.png", "b");
  draw("c.png", "c");
  write_file(root() / "remade/set.csv", "image,mos\na.png,10\nb.png,50\nc.png,90\n");
  const std::string given = study("given", R"(
name = "given"
data = "csv:remade/set.csv"
train_data = "builtin:scenes=4,size=64"
[evaluate]
level = "image"
bootstrap = 0
[[model]]
name = "cnniqa"
label = "one"
weights = "undisturbed/train/cnniqa/none/seed0/checkpoints/best.safetensors"
[[model]]
name = "cnniqa"
label = "two"
weights = "undisturbed/train/cnniqa/none/seed1/checkpoints/best.safetensors"
[[attack]]
spec = "fgsm"
)");
  run_well(given, "given");
  const auto before = scores("given");
  ASSERT_EQ(before.size(), 12U);
  EXPECT_THAT(run_well(given, "given").err, HasSubstr("nothing is left to do"));
  draw("b.png", "another");
  EXPECT_THAT(run_well(given, "given", "--cell evaluate/csv/one/*").err,
              HasSubstr("the data csv:remade/set.csv changed since the study last ran"));
  EXPECT_THAT(run_well(given, "given").err, HasSubstr("1 cells to do")) << "the other one";
  const auto after = scores("given");
  ASSERT_EQ(after.size(), 12U);
  for (const auto& [key, numbers] : after) {
    EXPECT_EQ(numbers == before.at(key), key.find("b.png") == key.npos) << key;
  }
  EXPECT_THAT(run_well(given, "given").err, HasSubstr("nothing is left to do"));
}

TEST(Experiment, RefusesTrainingDataThatWereRemade) {
  for (int i = 0; i < 10; ++i) {
    const std::string name = "p" + std::to_string(i) + ".png";
    write_png(root() / "trained-on" / name, det::image({name, 64, 64}));
  }
  std::string table = "image,mos\n";
  for (int i = 0; i < 10; ++i) {
    table += "p" + std::to_string(i) + ".png," + std::to_string(10 * i) + "\n";
  }
  write_file(root() / "trained-on/set.csv", table);
  const std::string file = study(
      "trained-on", replaced(replaced(kTiny, "builtin:scenes=4,size=64", "csv:trained-on/set.csv"),
                             "seeds = [0, 1]", "seeds = [0]"));
  const std::string first = run_command(file, "trained") + " --cell train/*";
  const Finished trained = robiq(first);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  write_png(root() / "trained-on/p3.png", det::image({"another", 64, 64}));
  const Finished again = robiq(first);
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("the data csv:trained-on/set.csv changed after the study's"));
}

TEST(Experiment, ADamagedDatabaseIsSeenAndTrainingsAreKept) {
  undisturbed();
  run_well("tiny.toml", "damaged");
  const fs::path file = root() / "damaged/results.sqlite";
  std::string bytes = read_file(file, 64 << 20);
  constexpr std::size_t kPage = 4096;
  bytes.replace(3 * kPage, kPage, kPage, '\0');
  write_file(file, bytes);
  const Finished refused = robiq(run_command("tiny.toml", "damaged"));
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("the results database is damaged"));
  EXPECT_THAT(refused.err, HasSubstr("trainings go on from their checkpoints"));
  fs::remove(file);
  const auto weights = [](const std::string& out) {
    return sha256_of_file(root() / out / "train/cnniqa/none/seed0/checkpoints/best.safetensors");
  };
  const auto written =
      fs::last_write_time(root() / "damaged/train/cnniqa/none/seed0/checkpoints/best.safetensors");
  run_well("tiny.toml", "damaged");
  EXPECT_EQ(weights("damaged"), weights("undisturbed"));
  EXPECT_EQ(
      fs::last_write_time(root() / "damaged/train/cnniqa/none/seed0/checkpoints/best.safetensors"),
      written);
  EXPECT_EQ(scores("damaged"), scores("undisturbed"));
}

}  // namespace
}  // namespace robiq
