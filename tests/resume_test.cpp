// Runs that are killed or interrupted and started again end as if nothing had happened, and the
// same seed gives the same bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/io/safetensors.h"
#include "robiq/io/table/csv.h"
#include "robiq/store/results_store.h"
#include "support/program.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using test::Finished;
using test::Program;
using test::Workbench;

/// 4 epochs of 13 steps, about a second.
constexpr const char* kTraining =
    "train --quiet --epochs 4 --data builtin:scenes=4,size=64 "
    "--model cnniqa:hidden=32,filters=16,patches=16 --batch-size 64 --learning-rate 0.002 "
    "--schedule cosine --threads 1 --out ";

fs::path at(const std::string& name) { return Workbench::get().path(name); }

std::string train(const std::string& out, const std::string& more = "") {
  const Finished got = Workbench::get().run(kTraining + out + " " + more);
  EXPECT_EQ(got.exit_code, 0) << got.err;
  return out;
}

/// history.csv without what may differ.
std::vector<std::vector<std::string>> history(const std::string& run) {
  CsvTable table = read_csv(at(run) / "history.csv");
  for (const char* column : {"seconds", "images_per_second"}) {
    for (auto& row : table.rows) row[table.column(column)].clear();
  }
  table.rows.push_back(table.header);
  return table.rows;
}

void expect_equal_runs(const std::string& one, const std::string& other) {
  for (const char* file :
       {"checkpoints/best.safetensors", "checkpoints/last.safetensors", "split.csv"}) {
    EXPECT_EQ(sha256_of_file(at(one) / file), sha256_of_file(at(other) / file)) << file;
  }
  EXPECT_EQ(history(one), history(other));
}

/// What has a final name is whole: it can be read.
void expect_whole_files(const std::string& run) {
  for (const auto& entry : fs::recursive_directory_iterator(at(run))) {
    const fs::path file = entry.path();
    if (file.extension() == ".safetensors") {
      EXPECT_NO_THROW(static_cast<void>(read_safetensors(file))) << file;
    } else if (file.extension() == ".csv") {
      EXPECT_NO_THROW(static_cast<void>(read_csv(file))) << file;
    }
  }
}

/// Files under other than their final names, as a killed writer leaves them.
int left_over(const std::string& run) {
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(at(run))) {
    const std::string name = entry.path().filename().string();
    if (name.find(".part") != name.npos || name.find(".tmp") != name.npos) ++count;
  }
  return count;
}

class Training : public testing::TestWithParam<std::string> {
 protected:
  /// The flags of the baseline, or of one that is defended.
  [[nodiscard]] static std::string flags() {
    if (GetParam() == "at") return "--defense adversarial:start=uniform --micro-batch 24";
    return GetParam() == "nt" ? "--nt" : "";
  }
  /// The run that nothing disturbed; made once.
  static std::string unbroken() {
    const std::string out = "unbroken-" + GetParam();
    if (!fs::exists(at(out))) train(out, flags());
    return out;
  }
};

TEST_P(Training, KilledAtAnyMomentItEndsTheSame) {
  const std::string whole = unbroken(), out = "killed-" + GetParam();
  // Moments on the way, each of the run that goes on from the one before.
  const std::vector<std::string> moments = {"config.toml", "checkpoints/epoch-0001",
                                            "checkpoints/epoch-0003"};
  int killed = 0;
  for (const std::string& moment : moments) {
    Program program(Workbench::get().path(), test::words(kTraining + out + " --resume " + flags()));
    ASSERT_TRUE(program.wait_until([&] { return fs::exists(at(out) / moment); })) << moment;
    program.send(SIGKILL);
    killed += program.wait().signal == SIGKILL ? 1 : 0;
    expect_whole_files(out);
  }
  EXPECT_GE(killed, 2) << "on a slow machine the last may come too late";
  train(out, "--resume " + flags());
  expect_equal_runs(whole, out);
}

TEST_P(Training, KilledAfterSomeMillisecondsItEndsTheSame) {
  const std::string whole = unbroken(), out = "timed-" + GetParam();
  for (const int milliseconds : {40, 90, 150, 260}) {
    Program program(Workbench::get().path(), test::words(kTraining + out + " --resume " + flags()));
    if (!program.wait_until([&] { return fs::exists(at(out) / "split.csv"); })) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    program.send(SIGKILL);
    static_cast<void>(program.wait());
    expect_whole_files(out);
  }
  train(out, "--resume " + flags());
  expect_equal_runs(whole, out);
  EXPECT_EQ(left_over(out), 0) << "what killed writers left is cleared away";
}

TEST_P(Training, InterruptedItSavesAndGoesOn) {
  const std::string whole = unbroken(), out = "interrupted-" + GetParam();
  Program program(Workbench::get().path(), test::words(kTraining + out + " " + flags()));
  ASSERT_TRUE(program.wait_until([&] { return fs::exists(at(out) / "checkpoints/epoch-0001"); }));
  program.send(SIGINT);
  const Finished stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_EQ(stopped.out, "");
  EXPECT_THAT(stopped.err, testing::HasSubstr("--resume"));
  EXPECT_EQ(ResultsStore(at(out) / "results.sqlite", ResultsStore::Access::kRead).runs()[0].status,
            RunStatus::kInterrupted);
  train(out, "--resume " + flags());
  expect_equal_runs(whole, out);
}

INSTANTIATE_TEST_SUITE_P(ModelPair, Training, testing::Values("baseline", "nt", "at"),
                         [](const auto& twin) { return twin.param; });

TEST(FinishedTraining, ResumedAgainChangesNothingAndWritesItsHistory) {
  train("finished");
  const std::string best = sha256_of_file(at("finished/checkpoints/best.safetensors"));
  const auto before = history("finished");
  fs::remove(at("finished/history.csv"));  // as if killed right after the last checkpoint
  train("finished", "--resume");
  EXPECT_EQ(sha256_of_file(at("finished/checkpoints/best.safetensors")), best);
  EXPECT_EQ(history("finished"), before);
}

TEST(ResumedTraining, RefusesDataThatHaveChanged) {
  const auto list = [](const char* label) {
    std::string text = "image,mos,split\n";
    const char* const splits[] = {"train", "train", "val", "test", "test"};
    for (int i = 0; i < 5; ++i) {
      text += "pictures/p" + std::to_string(i) + ".png," + (i == 0 ? label : std::to_string(i)) +
              "," + splits[i] + "\n";
    }
    write_file(at("list.csv"), text);
  };
  const std::string command =
      "train --quiet --epochs 1 --model cnniqa:hidden=8,filters=4 --threads 1 "
      "--data csv:list.csv,worst=0,best=5 --out changing ";
  list("0.5");
  EXPECT_EQ(Workbench::get().run(command).exit_code, 0);
  list("0.25");
  const Finished got = Workbench::get().run(command + "--resume");
  EXPECT_EQ(got.exit_code, 2);
  EXPECT_THAT(got.err, testing::HasSubstr("other pictures or labels"));
  list("0.5");
  EXPECT_EQ(Workbench::get().run(command + "--resume").exit_code, 0);
  const std::string first = read_file(at("pictures/p0.png"), 1 << 20);
  fs::copy_file(at("pictures/p4.png"), at("pictures/p0.png"), fs::copy_options::overwrite_existing);
  const Finished changed = Workbench::get().run(command + "--resume");
  write_file(at("pictures/p0.png"), first);
  EXPECT_EQ(changed.exit_code, 2) << "another picture under the name of the first";
}

TEST(ModelPair, ShareInitialisationSplitOrderAndCrops) {
  train("plain", "--max-steps 5");
  train("weightless", "--max-steps 5 --nt --nt-weight 0");
  const TensorMap plain = read_safetensors(at("plain/checkpoints/last.safetensors")).tensors;
  const TensorMap twin = read_safetensors(at("weightless/checkpoints/last.safetensors")).tensors;
  ASSERT_EQ(plain.size(), twin.size());
  for (const auto& [name, tensor] : plain) {
    EXPECT_TRUE(at::allclose(tensor, twin.at(name), 1e-5, 1e-6)) << name;
  }
  EXPECT_EQ(sha256_of_file(at("plain/split.csv")), sha256_of_file(at("weightless/split.csv")));
}

TEST(Seeds, DecideTheBytesAndWorkersDoNot) {
  train("first", "--max-steps 6 --seed 3");
  train("again", "--max-steps 6 --seed 3");
  train("workers", "--max-steps 6 --seed 3 --workers 3");
  train("other", "--max-steps 6 --seed 5");
  expect_equal_runs("first", "again");
  expect_equal_runs("first", "workers");
  EXPECT_NE(sha256_of_file(at("first/checkpoints/last.safetensors")),
            sha256_of_file(at("other/checkpoints/last.safetensors")));
  EXPECT_NE(sha256_of_file(at("first/split.csv")), sha256_of_file(at("other/split.csv")));
}

/// Everything measured but how long it took.
using Scores = std::map<std::pair<std::string, std::string>, std::vector<double>>;

Scores scores_in(const std::string& run) {
  const ResultsStore store(at(run) / "results.sqlite", ResultsStore::Access::kRead);
  std::map<std::int64_t, std::string> names;
  for (const ImageRow& image : store.images()) names[image.id] = image.name;
  Scores scores;
  const std::vector<RunRow> runs = store.runs();
  EXPECT_LE(runs.size(), 1U) << "a run that goes on is no new run";
  if (runs.empty()) return scores;
  for (const ScoreRow& row : store.scores(runs[0].id)) {
    scores[{names.at(row.image), row.attack}] = {row.before, row.after, row.after_8bit, row.linf,
                                                 row.l2,     row.ssim,  row.psnr_db};
  }
  return scores;
}

std::size_t scores_so_far(const std::string& run) {
  try {
    return scores_in(run).size();
  } catch (const Error&) {  // not made yet
    return 0;
  }
}

constexpr const char* kEvaluation =
    "evaluate --weights w.safetensors --data builtin:scenes=4,size=64 --split all "
    "--include-trained "
    "--attack fgsm:loss=mae ifgsm:steps=10 --bootstrap 20 --threads 1 --format json --out ";

void expect_same_scores(const Scores& one, const Scores& other) {
  ASSERT_EQ(one.size(), other.size());
  for (const auto& [key, numbers] : one) {
    EXPECT_THAT(numbers, testing::Pointwise(testing::NanSensitiveDoubleEq(), other.at(key)))
        << key.first << " " << key.second;
  }
}

TEST(Evaluation, KilledItGoesOnWhereItWas) {
  const Finished whole = Workbench::get().run(std::string(kEvaluation) + "whole");
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  Program program(Workbench::get().path(), test::words(std::string(kEvaluation) + "parts"));
  ASSERT_TRUE(program.wait_until(
      [] { return fs::exists(at("parts/results.sqlite")) && scores_so_far("parts") >= 30; }));
  program.send(SIGKILL);
  ASSERT_EQ(program.wait().signal, SIGKILL);
  const std::size_t kept = scores_in("parts").size();
  EXPECT_LT(kept, 300U);
  EXPECT_EQ(kept % 3, 0U) << "a picture's scores are stored together";
  const Finished rest = Workbench::get().run(std::string(kEvaluation) + "parts");
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_THAT(rest.err, testing::HasSubstr(std::to_string(kept) + " scores are there already"));
  expect_same_scores(scores_in("whole"), scores_in("parts"));
  EXPECT_EQ(rest.out, whole.out) << "the measures";
}

TEST(Evaluation, InterruptedItSaysHowToGoOn) {
  Program program(Workbench::get().path(), test::words(std::string(kEvaluation) + "stopped"));
  ASSERT_TRUE(program.wait_until(
      [] { return fs::exists(at("stopped/results.sqlite")) && scores_so_far("stopped") >= 3; }));
  program.send(SIGTERM);
  const Finished stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_EQ(stopped.out, "");
  EXPECT_THAT(stopped.err, testing::HasSubstr("same command"));
  const ResultsStore store(at("stopped/results.sqlite"), ResultsStore::Access::kRead);
  EXPECT_EQ(store.runs()[0].status, RunStatus::kInterrupted);
}

}  // namespace
}  // namespace robiq
