// What a training's folder goes through: damage, strangers, two programs at once, removal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/train/checkpoint.h"
#include "support/program.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using test::Finished;
using test::Program;
using test::Workbench;
using testing::HasSubstr;

constexpr const char* kTraining =
    "train --quiet --epochs 4 --data builtin:scenes=4,size=64 "
    "--model cnniqa:hidden=32,filters=16,patches=16 --batch-size 64 --learning-rate 0.002 "
    "--threads 1 --out ";
/// Long enough to be met on the way.
constexpr const char* kLong =
    "train --quiet --epochs 400 --data builtin:scenes=4,size=64 "
    "--model cnniqa:hidden=32,filters=16,patches=16 --batch-size 64 --learning-rate 0.002 "
    "--threads 1 --out ";

fs::path at(const std::string& name) { return Workbench::get().path(name); }

std::string sha_of_last(const std::string& run) {
  return sha256_of_file(at(run) / "checkpoints/last.safetensors");
}

/// A finished run, copied under a name.
std::string copy_of_finished(const std::string& name) {
  if (!fs::exists(at("finished"))) {
    (void)Workbench::get().run_well(std::string(kTraining) + "finished");
  }
  fs::remove_all(at(name));
  fs::copy(at("finished"), at(name), fs::copy_options::recursive);
  return name;
}

Finished resume(const std::string& run) {
  const std::string loud = std::string(kTraining).erase(6, 8);  // without --quiet
  return Workbench::get().run(loud + run + " --resume");
}

TEST(RunFolder, HoldsNothingThatALoaderOfCodeWouldRead) {
  const std::string run = copy_of_finished("looked-at");
  for (const auto& entry : fs::recursive_directory_iterator(at(run))) {
    const std::string ending = entry.path().extension().string();
    EXPECT_TRUE(ending != ".pt" && ending != ".pth" && ending != ".pkl") << entry.path();
  }
  EXPECT_TRUE(fs::exists(at(run) / "checkpoints/epoch-0004/optimizer.safetensors"));
}

TEST(RunFolder, ADamagedLastCheckpointIsSetAsideAndTheOneBeforeGoesOn) {
  for (const char* const file : {"state.json", "model.safetensors", "optimizer.safetensors"}) {
    const std::string run = copy_of_finished("damaged");
    const fs::path victim = at(run) / "checkpoints/epoch-0004" / file;
    const std::string whole = read_file(victim, 1u << 30);
    write_file(victim, whole.substr(0, whole.size() / 2));
    const Finished got = resume(run);
    EXPECT_EQ(got.exit_code, 0) << got.err;
    EXPECT_THAT(got.err, HasSubstr("epoch-0004: the checkpoint cannot be used")) << file;
    EXPECT_THAT(got.err, HasSubstr("resuming after epoch-0003"));
    EXPECT_EQ(sha_of_last(run), sha_of_last("finished")) << file;
    EXPECT_TRUE(fs::exists(at(run) / "checkpoints/epoch-0004.damaged"));
  }
}

TEST(RunFolder, WithoutASoundCheckpointIsRefused) {
  const std::string run = copy_of_finished("all-damaged");
  for (const fs::path& folder : checkpoints_in(at(run) / "checkpoints")) {
    write_file(folder / "optimizer.safetensors", "PK\x03\x04 an archive of LibTorch's");
  }
  const Finished got = resume(run);
  EXPECT_EQ(got.exit_code, 4);
  EXPECT_THAT(got.err, HasSubstr("optimizer.safetensors is not the file that was written"));
}

TEST(RunFolder, ACheckpointOfAnEarlierFormatIsRefusedByItsNumber) {
  const std::string run = copy_of_finished("older");
  for (const fs::path& folder : checkpoints_in(at(run) / "checkpoints")) {
    std::string state = read_file(folder / "state.json", 1u << 20);
    state.replace(state.find("\"format\": 3"), 11, "\"format\": 2");
    write_file(folder / "state.json", state);
  }
  const Finished got = resume(run);
  EXPECT_EQ(got.exit_code, 4);
  EXPECT_THAT(got.err, HasSubstr("it has format 2, and this robiq reads format 3"));
}

TEST(RunFolder, APlaceThatTheRunDoesNotHaveIsRefused) {
  for (const char* const bad : {"\"step\": 9000000000000000000", "\"step\": -1"}) {
    const std::string run = copy_of_finished("nowhere");
    for (const fs::path& folder : checkpoints_in(at(run) / "checkpoints")) {
      std::string state = read_file(folder / "state.json", 1u << 20);
      const std::size_t place = state.rfind("\"step\": ", state.find("\"sums\""));
      state.replace(place, state.find(',', place) - place, bad);
      write_file(folder / "state.json", state);
    }
    const Finished got = resume(run);
    EXPECT_EQ(got.exit_code, 4) << got.err;
    EXPECT_THAT(got.err, HasSubstr("a place that the run does not have"));
  }
}

TEST(RunFolder, IsTrainedIntoByOneProgramAtATime) {
  Program first(Workbench::get().path(), test::words(std::string(kLong) + "shared"));
  ASSERT_TRUE(first.wait_until([] { return fs::exists(at("shared/checkpoints/epoch-0001")); }));
  for (const char* const how : {"", " --resume"}) {
    const Finished second = Workbench::get().run(std::string(kLong) + "shared" + how);
    EXPECT_EQ(second.exit_code, 2) << how;
  }
  const Finished resumed = Workbench::get().run(std::string(kLong) + "shared --resume");
  EXPECT_THAT(resumed.err, HasSubstr("another robiq trains into this folder"));
  first.send(SIGTERM);
  EXPECT_EQ(first.wait().exit_code, 130);
}

TEST(RunFolder, OfTwoStartedAtOnceOneTrains) {
  for (int round = 0; round < 5; ++round) {
    const std::string out = "race-" + std::to_string(round);
    const std::vector<std::string> words = test::words(std::string(kTraining) + out);
    Program one(Workbench::get().path(), words), other(Workbench::get().path(), words);
    std::vector<int> codes{one.wait().exit_code, other.wait().exit_code};
    EXPECT_THAT(codes, testing::UnorderedElementsAre(0, 2)) << out;
  }
}

TEST(RunFolder, RemovedUnderWayIsAnError) {
  Program program(Workbench::get().path(), test::words(std::string(kLong) + "removed"));
  ASSERT_TRUE(program.wait_until([] { return fs::exists(at("removed/checkpoints/epoch-0001")); }));
  std::error_code code;
  while (fs::exists(at("removed"))) fs::remove_all(at("removed"), code);
  const Finished got = program.wait();
  EXPECT_EQ(got.exit_code, 3) << got.err;
}

TEST(RunFolder, AHangUpSavesAsCtrlCDoes) {
  Program program(Workbench::get().path(), test::words(std::string(kLong) + "hung-up"));
  ASSERT_TRUE(program.wait_until([] { return fs::exists(at("hung-up/checkpoints/epoch-0001")); }));
  program.send(SIGHUP);
  const Finished got = program.wait();
  EXPECT_EQ(got.exit_code, 130) << got.err;
  EXPECT_THAT(got.err, HasSubstr("--resume"));
  EXPECT_FALSE(checkpoints_in(at("hung-up/checkpoints")).empty());
}

TEST(RunFolder, OfABaselineSpeaksOfNoGradientNorm) {
  const std::string run = copy_of_finished("baseline");
  const std::string log = read_file(at(run) / "log.txt", 1u << 20);
  EXPECT_THAT(log, HasSubstr("pictures/s"));
  EXPECT_THAT(log, testing::Not(HasSubstr("gradient norm")));
  EXPECT_THAT(log, testing::Not(HasSubstr("images/s")));
}

}  // namespace
}  // namespace robiq
