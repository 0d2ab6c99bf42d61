// evaluate --parallel: the program starts itself again, and its processes share the pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>

#include "robiq/core/error.h"
#include "robiq/store/results_store.h"
#include "support/ranks.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using test::Finished;
using test::Program;
using test::Workbench;
using testing::HasSubstr;

constexpr const char* kEvaluate =
    "evaluate --model cnniqa --weights w.safetensors --data builtin:scenes=4,size=64,seed=9 "
    "--split all "
    "--limit 5 --save 1 --examples 2 ";

/// All that an evaluation found out, but for how long it took, as text.
std::string found(const std::string& out) {
  ResultsStore store(Workbench::get().path(out) / "results.sqlite", ResultsStore::Access::kRead);
  std::ostringstream text;
  text.precision(17);
  for (const RunRow& run : store.runs()) {
    for (const ScoreRow& row : store.scores(run.id)) {
      text << row.image << row.attack << row.attack_options << row.level << row.surrogate << ' '
           << row.before << ' ' << row.after << ' ' << row.after_8bit << ' ' << row.linf << ' '
           << row.l2 << ' ' << row.ssim << ' ' << row.gradient_l1 << ' ' << row.forwards << ' '
           << row.artifact << '\n';
    }
    for (const DistanceRow& row : store.distances(run.id)) {
      if (row.distance.find("seconds") != row.distance.npos) continue;
      text << row.image << row.attack << row.distance << ' ' << row.value << '\n';
    }
    for (const MeasureRow& row : store.measures(run.id)) {
      if (row.measure.find("seconds") != row.measure.npos) continue;
      text << row.attack << row.block << row.measure << ' ' << row.value << ' ' << row.low << '\n';
    }
  }
  return text.str();
}

/// Processes whose command line holds `mark`.
int running(const std::string& mark) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline", std::ios::binary);
    const std::string words((std::istreambuf_iterator<char>(file)), {});
    count += words.find(mark) != words.npos && words.find("parallel") != words.npos ? 1 : 0;
  }
  return count;
}

class Parallel : public testing::TestWithParam<std::string> {};

TEST_P(Parallel, RowsAreTheSameBytesWithAnyNumber) {
  SKIP_WITHOUT_GROUPS();
  const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string tag = "rows-" + name.substr(name.find('/') + 1) + "-";
  for (const char* count : {"1", "2", "3"}) {
    static_cast<void>(Workbench::get().run_well(std::string(kEvaluate) + GetParam() +
                                                " --parallel " + count + " --out " + tag + count));
  }
  const std::string alone = found(tag + "1");
  EXPECT_THAT(alone, HasSubstr("srocc"));
  EXPECT_EQ(found(tag + "2"), alone);
  EXPECT_EQ(found(tag + "3"), alone);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Parallel,
                         testing::Values("--attack fgsm ifgsm:steps=3 square:queries=20",
                                         "--attack standard:budget=4/255 --bootstrap 20",
                                         "--attack fgsm --purify noise --adaptive --draws 2",
                                         "--attack sma:steps=2",
                                         "--attack fgsm --certify 0.05 --certify-samples 20"));

TEST(ParallelProcesses, SayOnceWhatIsWrong) {
  SKIP_WITHOUT_GROUPS();
  const Finished got = Workbench::get().run(
      "evaluate --model cnniqa --weights missing.safetensors --out once --parallel 3");
  EXPECT_EQ(got.exit_code, 4) << got.err;
  const std::size_t first = got.err.find("missing.safetensors");
  ASSERT_NE(first, got.err.npos) << got.err;
  EXPECT_EQ(got.err.find("error:", got.err.find("error:") + 1), got.err.npos) << got.err;
}

TEST(ParallelProcesses, AreGoneWhenTheFirstIsKilled) {
  SKIP_WITHOUT_GROUPS();
  Program program(Workbench::get().path(),
                  test::words(std::string(kEvaluate) +
                              "--attack square:queries=100000 --parallel 2 --out killed-first"));
  ASSERT_TRUE(program.wait_until([] { return running("killed-first") == 2; }));
  program.send(SIGKILL);
  static_cast<void>(program.wait());
  for (int tries = 0; tries < 100 && running("killed-first") > 0; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(running("killed-first"), 0);
}

TEST(ParallelProcesses, GoOnAfterCtrlC) {
  SKIP_WITHOUT_GROUPS();
  const std::string evaluation =
      std::string(kEvaluate) + "--attack square:queries=300 --parallel 2 --out stopped";
  Program program(Workbench::get().path(), test::words(evaluation));
  const fs::path database = Workbench::get().path("stopped") / "results.sqlite";
  ASSERT_TRUE(program.wait_until([&] { return fs::exists(database); }));
  program.send(SIGINT);
  const Finished stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  static_cast<void>(Workbench::get().run_well(evaluation));
  static_cast<void>(Workbench::get().run_well(
      std::string(kEvaluate) + "--attack square:queries=300 --threads 1 --out at-once"));
  EXPECT_EQ(found("stopped"), found("at-once"));
}

TEST(ParallelProcesses, OfAStudyAllHearOfASignalToTheFirst) {
  SKIP_WITHOUT_GROUPS();
  const Workbench& bench = Workbench::get();
  write_file(bench.path("long.toml"),
             "name = \"long\"\ndata = \"builtin:scenes=4,size=64,seed=9\"\n"
             "[evaluate]\nlimit = 5\n"
             "[[model]]\nname = \"cnniqa\"\nlabel = \"a\"\nweights = \"w.safetensors\"\n"
             "[[model]]\nname = \"cnniqa\"\nlabel = \"b\"\nweights = \"w.safetensors\"\n"
             "[[attack]]\nspec = \"square:queries=10000000\"\n");
  Program program(bench.path(),
                  test::words("experiment run long.toml --parallel 2 --threads 1 --out long"));
  const auto both_at_work = [&] {
    try {
      const ResultsStore store(bench.path("long") / "results.sqlite", ResultsStore::Access::kRead);
      const auto runs = store.runs();
      return std::count_if(runs.begin(), runs.end(),
                           [](const RunRow& run) { return run.kind == RunKind::kEvaluate; }) == 2;
    } catch (const Error&) {
      return false;  // nothing is written yet
    }
  };
  ASSERT_TRUE(program.wait_until(both_at_work));
  program.send(SIGTERM);
  const Finished stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("the study was stopped"));
}

TEST(ParallelProcesses, AreForOneProcessThatNobodyStartedWithOthers) {
  static_cast<void>(Workbench::get());  // trains alone
  const test::ScopedEnvironment place(
      {{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", "29511"}});
  const Finished got = Workbench::get().run(std::string(kEvaluate) + "--parallel 2 --out both");
  EXPECT_EQ(got.exit_code, 2) << got.err;
  EXPECT_THAT(got.err, HasSubstr("torchrun has started several processes already"));
}

TEST(BenchSideBySide, ComparesBothWaysOfWork) {
  SKIP_WITHOUT_GROUPS();
  const std::string bench =
      "bench side-by-side --height 64 --width 64 --pictures 3 --repeats 1 --format json ";
  const Finished two = Workbench::get().run_well(bench + "--processes 2");
  const auto row = nlohmann::json::parse(two.out);
  EXPECT_EQ(row["processes"], 2);
  EXPECT_EQ(row["pictures"], 3);
  EXPECT_GT(row["side_by_side_seconds"], 0);
  EXPECT_NEAR(
      row["side_by_side_speedup"].get<double>(),
      row["one_at_a_time_seconds"].get<double>() / row["side_by_side_seconds"].get<double>(), 1e-9);
  const Finished one = Workbench::get().run_well(bench + "--processes 1");
  EXPECT_EQ(nlohmann::json::parse(one.out)["processes"], 1);
  const Finished wrong = Workbench::get().run(bench + "--processes 2 --attack nothing");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_EQ(wrong.err.find("'nothing'"), wrong.err.rfind("'nothing'")) << wrong.err;
  EXPECT_THAT(wrong.err, HasSubstr("'nothing'"));
}

}  // namespace
}  // namespace robiq
