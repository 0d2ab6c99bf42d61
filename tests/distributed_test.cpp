// Several processes train and evaluate as one: started by Debian's torchrun, by hand through the
// environment, and with one of them lost.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <map>
#include <thread>

#include "robiq/io/safetensors.h"
#include "robiq/io/table/csv.h"
#include "robiq/store/results_store.h"
#include "support/free_port.h"
#include "support/places.h"
#include "support/program.h"
#include "support/python.h"
#include "support/ranks.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using test::Finished;
using test::Program;
using test::ScopedEnvironment;
using test::Workbench;

/// 800 crops an epoch: 13 batches of 63, the last of 44. With dropout.
constexpr const char* kTraining =
    "train --data builtin:scenes=4,size=64 --model cnniqa:hidden=32,filters=16,patches=16 "
    "--batch-size 63 --learning-rate 0.002 --schedule cosine --threads 1 ";

fs::path at(const std::string& name) { return Workbench::get().path(name); }

/// As many processes of one run, in the workbench's folder.
class Ranks : public test::Ranks {
 public:
  // The workbench first: it trains, and must not look for others to join.
  Ranks(std::int64_t count, const std::string& arguments)
      : test::Ranks(Workbench::get().path(), count, arguments) {}
};

void run_ranks(std::int64_t count, const std::string& arguments) {
  const std::vector<Finished> ended = Ranks(count, arguments).wait();
  for (const Finished& one : ended) EXPECT_EQ(one.exit_code, 0) << one.err;
  for (std::size_t rank = 1; rank < ended.size(); ++rank) {
    EXPECT_EQ(ended[rank].out, "") << "the first alone prints";
    // On a busy machine a process may say that it waits for the others.
    EXPECT_THAT(ended[rank].err, testing::AnyOf("", testing::HasSubstr("waits at")));
  }
}

void run_alone(const std::string& arguments) {
  const Finished got = Workbench::get().run(arguments);
  ASSERT_EQ(got.exit_code, 0) << got.err;
}

/// The largest difference between the weights of two runs.
double difference(const std::string& one, const std::string& other) {
  const TensorMap a = read_safetensors(at(one) / "checkpoints/last.safetensors").tensors;
  const TensorMap b = read_safetensors(at(other) / "checkpoints/last.safetensors").tensors;
  EXPECT_EQ(a.size(), b.size());
  double most = 0;
  for (const auto& [name, tensor] : a) {
    most = std::max(most, (tensor - b.at(name)).abs().max().item<double>());
  }
  return most;
}

void expect_equal_histories(const std::string& one, const std::string& other) {
  const CsvTable a = read_csv(at(one) / "history.csv"), b = read_csv(at(other) / "history.csv");
  ASSERT_EQ(a.rows.size(), b.rows.size());
  for (const char* column : {"step", "loss", "penalty", "gradient_norm", "validation_rmse"}) {
    if (a.rows.front()[a.column(column)].empty()) continue;  // a baseline measures none
    const std::vector<double> x = a.numbers(column), y = b.numbers(column);
    for (std::size_t i = 0; i < x.size(); ++i) {
      EXPECT_NEAR(x[i], y[i], 1e-4 * std::max(1.0, std::abs(x[i]))) << column;
    }
  }
}

class ManyProcesses : public testing::TestWithParam<std::string> {};

TEST_P(ManyProcesses, TrainAsOneWould) {
  SKIP_WITHOUT_GROUPS();
  const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string tag = "equal-" + name.substr(name.find('/') + 1);
  const std::string training = kTraining + GetParam() + " --epochs 3 --out ";
  run_alone(training + tag + "-1");
  run_ranks(2, training + tag + "-2");
  EXPECT_LT(difference(tag + "-1", tag + "-2"), 2e-5);
  expect_equal_histories(tag + "-1", tag + "-2");
}

// Adam divides by the gradient's size, so that what hardly has a gradient walks by rounding alone:
// the last bias, to which norm-in-norm is blind, and weights of a picture that an attack or JPEG
// has changed at a few pixels more or fewer, or whose gradient counts by its signs. Those are
// trained by plain steps.
INSTANTIATE_TEST_SUITE_P(Ways, ManyProcesses,
                         testing::Values("", "--nt --nt-weight 1e-6",
                                         "--nt --nt-weight 1e-4 --nt-form abs --optimizer sgd",
                                         "--loss norm-in-norm --optimizer sgd",
                                         "--defense adversarial:epsilon=4/255 --optimizer sgd",
                                         "--defense adversarial:labels=keep --optimizer sgd",
                                         "--defense jpeg-augment --optimizer sgd"));

TEST(ManyProcesses, AdversarialTrainingTakesItsBatchInPieces) {
  SKIP_WITHOUT_GROUPS();
  const std::string training =
      std::string(kTraining) + "--defense adversarial --optimizer sgd --epochs 2 --out ";
  run_alone(training + "whole-batch");
  run_alone(training + "pieces-1 --micro-batch 7");
  run_ranks(2, training + "pieces-2 --micro-batch 7");
  for (const char* other : {"pieces-1", "pieces-2"}) {
    EXPECT_LT(difference("whole-batch", other), 2e-5) << other;
    expect_equal_histories("whole-batch", other);
  }
}

TEST(ManyProcesses, MoreThanALastBatchHasRows) {
  SKIP_WITHOUT_GROUPS();
  // 100 crops of two pictures an epoch: the last batch of 33 has one row.
  const std::string training =
      "train --data builtin:scenes=4,size=64 --limit 2 --model "
      "cnniqa:hidden=16,filters=8,patches=50"
      " --batch-size 33 --learning-rate 0.002 --threads 1 --epochs 2 --nt --nt-weight 1e-6 --out ";
  run_alone(training + "few-1");
  run_ranks(3, training + "few-3");
  EXPECT_LT(difference("few-1", "few-3"), 2e-5);
  expect_equal_histories("few-1", "few-3");
}

TEST(ManyProcesses, ALostOneEndsTheOthersAndResumeGoesOn) {
  SKIP_WITHOUT_GROUPS();
  const std::string training = std::string(kTraining) + "--epochs 12 --out ";
  run_ranks(2, training + "whole");
  for (const std::size_t victim : {0U, 1U}) {
    const std::string out = "lost-" + std::to_string(victim);
    Ranks ranks(2, training + out);
    ASSERT_TRUE(
        ranks[victim].wait_until([&] { return fs::exists(at(out) / "checkpoints/epoch-0002"); }));
    ranks[victim].send(SIGKILL);
    const std::vector<Finished> ended = ranks.wait();
    EXPECT_EQ(ended[victim].signal, SIGKILL);
    const Finished& other = ended[1 - victim];
    EXPECT_EQ(other.exit_code, 5) << other.err;
    EXPECT_THAT(other.err, testing::HasSubstr("another process was lost"));
    EXPECT_THAT(other.err, testing::HasSubstr("--resume"));
    run_ranks(2, training + out + " --resume");
    EXPECT_EQ(difference("whole", out), 0) << "the same bytes";
  }
}

TEST(ManyProcesses, ThatWaitForOneThatNeverComesSayItAndEnd) {
  SKIP_WITHOUT_GROUPS();
  static_cast<void>(Workbench::get());  // trains, and must not look for others to join
  const ScopedEnvironment place({{"RANK", "0"},
                                 {"WORLD_SIZE", "2"},
                                 {"MASTER_ADDR", "127.0.0.1"},
                                 {"MASTER_PORT", std::to_string(test::free_port())}});
  const std::string training = std::string(kTraining) + "--epochs 1 --out alone-at-the-meeting";
  const Finished late = Workbench::get().run(training + " --join-timeout 4");
  EXPECT_EQ(late.exit_code, 5) << late.err;
  EXPECT_THAT(late.err, testing::HasSubstr("rank 0 waits at 127.0.0.1"));
  EXPECT_THAT(late.err, testing::HasSubstr("--join-timeout"));
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    Program program(Workbench::get().path(), test::words(training));
    std::this_thread::sleep_for(std::chrono::seconds(3));
    program.send(signal);
    const Finished stopped = program.wait();
    EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
    EXPECT_THAT(stopped.err, testing::HasSubstr("start all processes again"));
  }
}

TEST(ManyProcesses, OneThatIsInterruptedStopsAll) {
  SKIP_WITHOUT_GROUPS();
  const std::string training = std::string(kTraining) + "--epochs 12 --out interrupted";
  Ranks ranks(2, training);
  ASSERT_TRUE(ranks[1].wait_until(
      [&] { return fs::exists(at("interrupted") / "checkpoints/epoch-0002"); }));
  ranks[1].send(SIGTERM);
  for (const Finished& one : ranks.wait()) EXPECT_EQ(one.exit_code, 130) << one.err;
  const ResultsStore store(at("interrupted") / "results.sqlite", ResultsStore::Access::kRead);
  EXPECT_EQ(store.runs()[0].status, RunStatus::kInterrupted);
  run_ranks(2, training + " --resume");
}

/// Two processes with commands of their own: both end with this exit code and words.
void expect_refused(const std::vector<std::string>& commands, int exit_code, const char* words) {
  static_cast<void>(Workbench::get());
  const std::string port = std::to_string(test::free_port());
  std::vector<std::unique_ptr<Program>> programs;
  for (std::size_t rank = 0; rank < commands.size(); ++rank) {
    const ScopedEnvironment environment({{"RANK", std::to_string(rank)},
                                         {"WORLD_SIZE", std::to_string(commands.size())},
                                         {"MASTER_ADDR", "127.0.0.1"},
                                         {"MASTER_PORT", port}});
    programs.push_back(
        std::make_unique<Program>(Workbench::get().path(), test::words(commands[rank])));
  }
  for (auto& program : programs) {
    const Finished ended = program->wait();
    EXPECT_EQ(ended.exit_code, exit_code) << ended.err;
    EXPECT_THAT(ended.err, testing::HasSubstr(words));
  }
}

TEST(ManyProcesses, DifferentCommandsAreRefused) {
  SKIP_WITHOUT_GROUPS();
  const std::string training = std::string(kTraining) + "--epochs 1 --out differ ";
  for (const char* option : {"--seed ", "--limit 1"}) {
    expect_refused({training + option + "0", training + option + "1"}, 2, "do not agree");
  }
}

TEST(ManyProcesses, WithFewerPicturesEachThanTheModelNeedsAreRefused) {
  SKIP_WITHOUT_GROUPS();
  const std::string training = "train --model linearityiqa --batch-size 3 --out few --data builtin";
  expect_refused({training, training}, 2, "needs 2 pictures at once");
}

/// Score rows without what may differ, by picture and attack.
std::map<std::string, ScoreRow> scores_of(const std::string& run) {
  const ResultsStore store(at(run) / "results.sqlite", ResultsStore::Access::kRead);
  std::map<std::int64_t, std::string> names;
  for (const ImageRow& image : store.images()) names[image.id] = image.name;
  std::map<std::string, ScoreRow> scores;
  for (const ScoreRow& row : store.scores(1)) {
    EXPECT_TRUE(scores.emplace(names.at(row.image) + " " + row.attack, row).second);
  }
  return scores;
}

void expect_equal_evaluations(const std::string& one, const std::string& other) {
  const auto a = scores_of(one), b = scores_of(other);
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [key, row] : a) {
    ASSERT_TRUE(b.contains(key)) << key;
    EXPECT_EQ(row.before, b.at(key).before) << key;
    EXPECT_EQ(row.after, b.at(key).after) << key;
    EXPECT_EQ(row.artifact, b.at(key).artifact) << key;
    EXPECT_TRUE(row.artifact.empty() || fs::exists(at(other) / row.artifact)) << row.artifact;
  }
  const ResultsStore x(at(one) / "results.sqlite", ResultsStore::Access::kRead);
  const ResultsStore y(at(other) / "results.sqlite", ResultsStore::Access::kRead);
  const auto p = x.measures(1), q = y.measures(1);
  ASSERT_EQ(p.size(), q.size());
  for (std::size_t i = 0; i < p.size(); ++i) {
    EXPECT_EQ(p[i].measure, q[i].measure);
    EXPECT_EQ(p[i].value, q[i].value) << p[i].measure;
  }
  EXPECT_EQ(x.flags(1).size(), y.flags(1).size());
  EXPECT_EQ(y.runs().size(), 1U);
  EXPECT_EQ(y.runs()[0].status, RunStatus::kFinished);
}

constexpr const char* kEvaluation =
    "evaluate --model cnniqa:hidden=16,filters=8,patches=16 --weights w.safetensors --threads 1 "
    "--data builtin:scenes=4,size=64 --limit 9 --attack fgsm --bootstrap 10 --save 3 --out ";

TEST(ManyProcesses, EvaluateAsOneWould) {
  SKIP_WITHOUT_GROUPS();
  run_alone(kEvaluation + std::string("evaluated-1"));
  run_ranks(2, kEvaluation + std::string("evaluated-2"));
  expect_equal_evaluations("evaluated-1", "evaluated-2");
  run_ranks(3, kEvaluation + std::string("evaluated-2"));  // nothing is left to do
  expect_equal_evaluations("evaluated-1", "evaluated-2");
}

TEST(ManyProcesses, WithOtherWeightsAreRefusedAndStoreNothing) {
  SKIP_WITHOUT_GROUPS();
  SafetensorsFile weights = read_safetensors(at("w.safetensors"));
  weights.tensors.begin()->second.add_(1);
  write_safetensors(at("other.safetensors"), weights);
  const std::string evaluation =
      "evaluate --model cnniqa:hidden=16,filters=8,patches=16 --threads 1 --attack fgsm --limit 9 "
      "--data builtin:scenes=4,size=64 --out disagreed --weights ";
  expect_refused({evaluation + "w.safetensors", evaluation + "other.safetensors"}, 2,
                 "do not agree");
  EXPECT_FALSE(fs::exists(at("disagreed") / "results.sqlite"));
}

TEST(ManyProcesses, AnEvaluationThatLostOneGoesOn) {
  SKIP_WITHOUT_GROUPS();
  const std::string evaluation =
      "evaluate --model cnniqa:hidden=16,filters=8,patches=16 --weights w.safetensors --threads 1 "
      "--data builtin:scenes=4,size=64 --attack ifgsm:steps=40 --bootstrap 10 --out ";
  run_alone(evaluation + "long-1");
  Ranks ranks(2, evaluation + "long-2");
  ASSERT_TRUE(ranks[1].wait_until([&] { return fs::exists(at("long-2") / "results.sqlite"); }));
  ranks[1].send(SIGKILL);
  const std::vector<Finished> ended = ranks.wait();
  EXPECT_EQ(ended[0].exit_code, 5) << ended[0].err;
  run_ranks(2, evaluation + "long-2");
  expect_equal_evaluations("long-1", "long-2");
}

/// Debian 12's torchrun does not start under its Python 3.11 unless some other rank's output is
/// redirected and copied: rank 9 of this machine, which there is not.
TEST(Torchrun, StartsTheProcesses) {
  SKIP_WITHOUT_GROUPS();
  if (!test::python_has("torch.distributed.run"))
    GTEST_SKIP() << "Debian's python3-torch is absent";
  const char* const python = std::getenv("ROBIQ_PYTHON");
  const std::string torchrun =
      "cd '" + Workbench::get().path().string() + "' && " +
      (python == nullptr ? "/usr/bin/python3" : python) + " '" + test::source_folder() +
      "/tests/support/torchrun.py' --redirects 9:1 --tee 9:1 --nproc_per_node=2 "
      "--no_python ";
  for (const std::string way : {"", "--standalone "}) {
    const std::string out = way.empty() ? "torchrun-static" : "torchrun-standalone";
    const std::string port =
        way.empty() ? "--master_port " + std::to_string(test::free_port()) + " " : "";
    const std::string command = torchrun + way + port + test::program_path() + " " + kTraining +
                                "--epochs 2 --out " + out + " > " + out + ".log 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << read_file(at(out + ".log"), 1 << 20);
  }
  run_alone(std::string(kTraining) + "--epochs 2 --out torchrun-alone");
  EXPECT_LT(difference("torchrun-alone", "torchrun-static"), 2e-5);
  EXPECT_EQ(difference("torchrun-static", "torchrun-standalone"), 0);
}

}  // namespace
}  // namespace robiq
