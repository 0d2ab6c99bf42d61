#include "robiq/train/checkpoint.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "robiq/core/files/files.h"
#include "robiq/io/table/csv.h"
#include "support/errors.h"

namespace robiq {
namespace checkpoint_test {

namespace fs = std::filesystem;

RunState some_state() {
  RunState state;
  state.phase = 1;
  state.epoch = 2;
  state.step_in_epoch = 5;
  state.step = 25;
  state.sums = {1.0 / 3, 0.1, 7e-9, 5};
  state.history = {{1, 1, 10, 0.5, 0.25, 0.125, 1e-3, {{"srocc", 1.0 / 7}}, 1.5, 100},
                   {2, 2, 20, 0.4, 0.2, 0.1, 1e-4, {{"plcc", 0.3}, {"srocc", 0.6}}, 1.5, 100}};
  state.best_epoch = 2;
  state.best_value = 0.6;
  state.config_sha256 = "abc";
  return state;
}

class CheckpointFiles : public testing::Test {
 protected:
  void SetUp() override { Checkpoint{some_state(), model_, optimizer_}.save(saved_); }
  void refuses(const ErrorText& wanted) const {
    expect_error(ErrorKind::kModel, wanted, [&] { (void)Checkpoint::load(saved_); });
  }

  TemporaryFolder folder_;
  fs::path saved_ = folder_.path() / "epoch-0002-step-000005";
  TensorMap model_ = {{"a", at::arange(6, at::kFloat).view({2, 3})},
                      {"b", at::ones({}, at::kLong)}};
  TensorMap optimizer_ = {{"0.0.step", at::scalar_tensor(7, at::kLong)}};
};

TEST_F(CheckpointFiles, GiveBackWhatWasSaved) {
  const Checkpoint loaded = Checkpoint::load(saved_);
  const RunState wanted = some_state();
  ASSERT_EQ(loaded.optimizer.size(), 1U);
  EXPECT_TRUE(at::equal(loaded.optimizer.at("0.0.step"), optimizer_.at("0.0.step")));
  ASSERT_EQ(loaded.model.size(), 2U);
  EXPECT_TRUE(at::equal(loaded.model.at("a"), model_.at("a")));
  EXPECT_EQ(loaded.state.epoch, 2);
  EXPECT_EQ(loaded.state.step_in_epoch, 5);
  EXPECT_EQ(loaded.state.step, 25);
  EXPECT_EQ(loaded.state.sums.loss, wanted.sums.loss);
  EXPECT_EQ(loaded.state.sums.gradient_norm, wanted.sums.gradient_norm);
  EXPECT_EQ(loaded.state.sums.steps, 5);
  EXPECT_EQ(loaded.state.best_epoch, 2);
  EXPECT_EQ(loaded.state.best_value, 0.6);
  EXPECT_EQ(loaded.state.phase, 1);
  EXPECT_EQ(loaded.state.history.at(1).phase, 2);
  EXPECT_EQ(loaded.state.config_sha256, "abc");
  ASSERT_EQ(loaded.state.history.size(), 2U);
  EXPECT_EQ(loaded.state.history[0].validation, wanted.history[0].validation);
  EXPECT_EQ(loaded.state.history[1].learning_rate, 1e-4);
}

TEST_F(CheckpointFiles, AreReplacedWholeAndLeaveNothingElse) {
  RunState other = some_state();
  other.best_value = 0.7;
  Checkpoint{other, model_, {}}.save(saved_);
  EXPECT_TRUE(Checkpoint::load(saved_).optimizer.empty());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1);
}

TEST_F(CheckpointFiles, DamagedOnesAreRefused) {
  const std::string hint = "remove it";
  const fs::path state = saved_ / "state.json";
  const std::string good = read_file(state, 1u << 20);
  write_file(state, good.substr(0, good.size() / 2));
  refuses({"state.json", saved_.string(), hint});
  write_file(state, "{}");
  refuses({"state.json", saved_.string(), hint});
  write_file(state, "{\"format\": 99}");
  refuses({"it has format 99", saved_.string(), hint});
  write_file(state, good);
  for (const std::string file : {"optimizer.safetensors", "model.safetensors"}) {
    const std::string whole = read_file(saved_ / file, 1u << 20);
    write_file(saved_ / file, whole.substr(0, whole.size() - 1));
    refuses({file + " is not the file that was written", saved_.string(), hint});
    fs::remove(saved_ / file);
    refuses({file + " is missing", saved_.string(), hint});
    write_file(saved_ / file, whole);
  }
  EXPECT_NO_THROW((void)Checkpoint::load(saved_));
}

TEST_F(CheckpointFiles, WithNumbersThatNoTrainingLeavesAreRefused) {
  const auto nan = at::full({2}, std::numeric_limits<double>::quiet_NaN(), at::kFloat);
  const auto below = at::full({2}, -1.0, at::kFloat);
  Checkpoint{some_state(), {{"a", nan}}, optimizer_}.save(saved_);
  refuses({"model.safetensors: a holds numbers that are not finite", saved_.string(), "*"});
  Checkpoint{some_state(), model_, {{"0.0.exp_avg", nan}}}.save(saved_);
  refuses({"optimizer.safetensors: 0.0.exp_avg holds", saved_.string(), "*"});
  Checkpoint{some_state(), model_, {{"0.0.exp_avg_sq", below}}}.save(saved_);
  refuses({"optimizer.safetensors: 0.0.exp_avg_sq holds a square below 0", saved_.string(), "*"});
}

TEST_F(CheckpointFiles, ThatCannotBeWrittenAreSaid) {
  write_file(folder_.path() / "file", "");
  expect_error(ErrorKind::kData, {"*", "file", "*"}, [&] {
    Checkpoint{some_state(), model_, {}}.save(folder_.path() / "file" / "epoch-0001");
  });
}

TEST(CheckpointNames, SayWhereTheRunStands) {
  RunState state;
  state.epoch = 3;
  EXPECT_EQ(checkpoint_name(state), "epoch-0003");
  state.step_in_epoch = 42;
  EXPECT_EQ(checkpoint_name(state), "epoch-0003-step-000042");
}

TEST(CheckpointNames, AreOrderedByPositionFurthestFirst) {
  const TemporaryFolder folder;
  for (const char* name : {"epoch-0003", "epoch-0003-step-000042", "epoch-0004", "epoch-10000",
                           "epoch-9999-step-000007", "epoch-0005.part77", "epoch-x", "other"}) {
    make_folder(folder.path() / name);
  }
  write_file(folder.path() / "epoch-0009", "a file");
  std::vector<std::string> names;
  for (const fs::path& path : checkpoints_in(folder.path())) names.push_back(path.filename());
  EXPECT_THAT(names, testing::ElementsAre("epoch-10000", "epoch-9999-step-000007", "epoch-0004",
                                          "epoch-0003-step-000042", "epoch-0003"));
  EXPECT_TRUE(checkpoints_in(folder.path() / "none").empty());
}

TEST(CheckpointNames, WhatAKilledRunLeftIsClearedAway) {
  const TemporaryFolder folder;
  make_folder(folder.path() / "epoch-0005.part77");
  write_file(folder.path() / "epoch-0005.part77" / "state.json", "");
  write_file(folder.path() / "best.safetensors.part77", "");
  write_file(folder.path() / "best.safetensors", "");
  make_folder(folder.path() / "epoch-0004");
  clear_unfinished(folder.path());
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    names.push_back(entry.path().filename());
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("best.safetensors", "epoch-0004"));
  EXPECT_NO_THROW(clear_unfinished(folder.path() / "none"));
}

TEST(History, HasAColumnForEveryMeasureOfAnyEpoch) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "history.csv";
  write_history(some_state().history, file);
  const CsvTable table = read_csv(file);
  EXPECT_THAT(table.header,
              testing::ElementsAre("epoch", "phase", "step", "loss", "penalty", "gradient_norm",
                                   "learning_rate", "validation_plcc", "validation_srocc",
                                   "seconds", "images_per_second"));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0][table.column("validation_plcc")], "") << "undefined at that epoch";
  EXPECT_EQ(table.numbers("validation_srocc"), (std::vector<double>{1.0 / 7, 0.6}));
  EXPECT_EQ(table.numbers("phase"), (std::vector<double>{1, 2}));
  EXPECT_EQ(table.numbers("loss"), (std::vector<double>{0.5, 0.4}));
  RunState baseline = some_state();
  for (EpochReport& report : baseline.history) report.gradient_norm = 0;
  write_history(baseline.history, file);
  const CsvTable unmeasured = read_csv(file);
  EXPECT_EQ(unmeasured.rows[0][unmeasured.column("gradient_norm")], "");
}

}  // namespace checkpoint_test
}  // namespace robiq
