// Standard output that cannot be written, and what the program says when it is told nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "robiq/app/tools/catalog.h"
#include "support/program.h"
#include "support/shell.h"
#include "support/workbench.h"

namespace robiq {
namespace {

using test::Finished;
using test::Workbench;
using testing::HasSubstr;

Finished shell(const std::string& line) { return test::run_shell(Workbench::get().path(), line); }

class FullOutput : public testing::TestWithParam<std::string> {};

TEST_P(FullOutput, EndsWithThree) {
  const Finished full = shell("\"$robiq\" " + GetParam() + " > /dev/full");
  EXPECT_EQ(full.exit_code, 3) << full.err;
  EXPECT_THAT(full.err, HasSubstr("error: the results cannot be printed: No space left"));
  EXPECT_THAT(full.err, HasSubstr("  at    standard output"));
  EXPECT_EQ(shell("\"$robiq\" " + GetParam() + " >&-").exit_code, 3);
}

INSTANTIATE_TEST_SUITE_P(
    Commands, FullOutput,
    testing::Values("", "--help", "--version", "score --help", "list", "list models --format csv",
                    "describe attack fgsm", "describe loss l1", "data list --format json",
                    "weights inspect w.safetensors", "weights inspect w.safetensors --format json",
                    "score pictures --weights w.safetensors --threads 1",
                    "score pictures --weights w.safetensors --threads 1 --format jsonl",
                    "check-model cnniqa:hidden=8,filters=4 --threads 1"));

TEST(BrokenPipe, IsQuiet) {
  EXPECT_EQ(shell("\"$robiq\" list models | head -1").err, "");
  EXPECT_EQ(shell("(sleep 0.5; \"$robiq\" list models) | true").err, "");
  const std::string list = "(sleep 0.5; \"$robiq\" list models; echo $? >code) | true; cat code";
  EXPECT_EQ(shell(list).out, "141\n") << "as a program that SIGPIPE ends";
}

TEST(FullErrors, DoNotChangeTheExitCode) {
  EXPECT_EQ(shell("\"$robiq\" trian 2> /dev/full").exit_code, 2);
  EXPECT_EQ(shell("\"$robiq\" score none.png --weights w.safetensors 2> /dev/full").exit_code, 3);
}

TEST(LimitedFiles, AreAnErrorThatIsTold) {
  const Finished full = shell("ulimit -f 4; \"$robiq\" weights convert w.safetensors limited.pth");
  EXPECT_EQ(full.exit_code, 3) << full.err;
  EXPECT_THAT(full.err, HasSubstr("error: cannot write"));
  for (const auto& entry : std::filesystem::directory_iterator(Workbench::get().path())) {
    EXPECT_EQ(entry.path().filename().string().find("limited"), std::string::npos) << entry.path();
  }
}

TEST(FirstSteps, AreSaidWhenNothingIsAsked) {
  const Finished alone = Workbench::get().run_well("");
  for (const char* word : {"robiq demo", "robiq list", "robiq train", "robiq score", "--help"}) {
    EXPECT_THAT(alone.out, HasSubstr(word));
  }
}

TEST(FirstSteps, ACommandOfCommandsNamesThem) {
  const Finished data = Workbench::get().run("data");
  EXPECT_EQ(data.exit_code, 2);
  for (const char* word : {"robiq data needs a command", "verify", "split", "synthesize"}) {
    EXPECT_THAT(data.err, HasSubstr(word));
  }
}

TEST(List, WithoutAKindTellsThemAll) {
  const auto rows =
      nlohmann::json::parse(Workbench::get().run_well("list --quiet --format json").out);
  ASSERT_EQ(rows.size(), catalog_kinds().size());
  for (const auto& row : rows) {
    const auto kind = row.at("kind").get<std::string>();
    EXPECT_EQ(row.at("entries"), list_entries(kind).size()) << kind;
    EXPECT_EQ(row.at("names").size(), list_entries(kind).size()) << kind;
  }
}

TEST(Names, ThatAreNotUtf8AreRefusedBeforeWorkBegins) {
  const Finished train = shell("\"$robiq\" train --out $'r\\xff' --data builtin:scenes=4,size=64");
  EXPECT_EQ(train.exit_code, 2);
  EXPECT_THAT(train.err, HasSubstr("'r\\xFF' is not UTF-8"));
  EXPECT_EQ(shell("\"$robiq\" evaluate --out e --weights w.safetensors --label $'\\xff'").exit_code,
            2);
  EXPECT_EQ(shell("\"$robiq\" report $'\\xff'").exit_code, 2);
  EXPECT_EQ(shell("\"$robiq\" weights inspect $'\\xff.pth' --format json").exit_code, 2);
  const Finished listed = shell(
      "mkdir -p odd; cp pictures/p0.png $'odd/p\\xff.png'; \"$robiq\" score odd --weights "
      "w.safetensors");
  EXPECT_EQ(listed.exit_code, 3);
  EXPECT_THAT(listed.err, HasSubstr("p\\xFF.png' is not UTF-8"));
}

TEST(Names, APathInASpecMayHoldAnEqualsSign) {
  EXPECT_EQ(shell("printf 'image,mos\\npictures/p0.png,1\\npictures/p1.png,2\\n' > a=b.csv; "
                  "\"$robiq\" data verify csv:a=b.csv")
                .exit_code,
            0);
  EXPECT_EQ(shell("\"$robiq\" data verify csv:a=b.csv,best=nan").exit_code, 0);
}

}  // namespace
}  // namespace robiq
