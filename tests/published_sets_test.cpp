// From a publisher's folder to a trained and evaluated model, with the program itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/fake_sets.h"
#include "support/program.h"

namespace robiq {
namespace {

using testing::HasSubstr;

/// Trains one step of a tiny network.
constexpr const char* kTraining =
    " --model cnniqa:hidden=16,filters=8,patches=4 --batch-size 16 --max-steps 1 --threads 1 ";

class Published : public testing::TestWithParam<test::FakeSet> {
 protected:
  [[nodiscard]] test::Finished run(const std::string& arguments) const {
    return test::run_program(folder_.path(), arguments);
  }
  TemporaryFolder folder_;
  std::string data_ = GetParam().name + ":" + GetParam().make(folder_.path()).filename().string();
};

TEST_P(Published, IsVerifiedSplitTrainedOnAndEvaluated) {
  const test::Finished verified = run("data verify " + data_ + " --format json");
  EXPECT_EQ(verified.exit_code, 3);
  EXPECT_THAT(verified.err, HasSubstr("1 of 8 checks found faults"));
  for (const auto& row : nlohmann::json::parse(verified.out)) {
    EXPECT_EQ(row["faults"] == 0, row["check"] != "counts") << row;
    EXPECT_TRUE(row.contains("robiq_version"));
  }
  const test::Finished split = run("data split " + data_ +
                                   " --no-official --train 0.34 --val 0.33 --test 0.33 --out s.csv "
                                   "--format json");
  ASSERT_EQ(split.exit_code, 0) << split.err;
  const auto row = nlohmann::json::parse(split.out);
  const test::Finished training =
      run("train --data " + data_ + " --split-file s.csv --out run" + kTraining);
  ASSERT_EQ(training.exit_code, 0) << training.err;
  const auto card = run("weights inspect run/checkpoints/last.safetensors --format json");
  EXPECT_THAT(card.out, HasSubstr(row["sha256"].get<std::string>()));
  const test::Finished evaluation =
      run("evaluate --model cnniqa --weights run/checkpoints/last.safetensors --data " + data_ +
          " --split-file s.csv --attack fgsm --out eval --bootstrap 0 --threads 1");
  EXPECT_EQ(evaluation.exit_code, 0) << evaluation.err;
  EXPECT_EQ(evaluation.err.find("the model has seen"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, Published, testing::ValuesIn(test::fake_sets()),
                         [](const auto& given) { return given.param.name; });

TEST(DataCommands, ListWhatIsKnown) {
  const TemporaryFolder folder;
  const test::Finished listed = test::run_program(folder.path(), "data list --format json");
  ASSERT_EQ(listed.exit_code, 0) << listed.err;
  std::map<std::string, nlohmann::json> sets;
  for (const auto& row : nlohmann::json::parse(listed.out)) sets[row["name"]] = row;
  EXPECT_EQ(sets.size(), 11U);
  EXPECT_EQ(sets["livec"]["pictures"], 1162);
  EXPECT_EQ(sets["livec"]["label_greatest"], 92.43);
  EXPECT_EQ(sets["csiq"]["better"], "lower");
  EXPECT_EQ(sets["koniq10k"]["official_split"], true);
  EXPECT_EQ(sets["tid2013"]["scenes"], 25);
  EXPECT_TRUE(sets["csv"]["pictures"].is_null());
  const test::Finished described = test::run_program(folder.path(), "describe dataset livec");
  EXPECT_THAT(described.out, HasSubstr("training images t1..t7"));
}

TEST(DataCommands, SayWhatIsWrong) {
  const TemporaryFolder folder;
  test::Finished run = test::run_program(folder.path(), "data verify livec:nowhere");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.err, HasSubstr("there is no folder 'nowhere'"));
  run = test::run_program(folder.path(), "data verify builtin:scenes=1,size=64");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("same bytes twice"));
  run = test::run_program(folder.path(), "data split builtin --by chance --out s.csv");
  EXPECT_EQ(run.exit_code, 2);
  run = test::run_program(folder.path(),
                          "train --data builtin:scenes=3,size=64 --split-file no.csv --out r");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.err, HasSubstr("no.csv"));
}

}  // namespace
}  // namespace robiq
