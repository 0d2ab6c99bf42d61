// What `robiq` answers without LibTorch: a copy that lies alone, with no other program beside it,
// says the same as the program that holds everything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "robiq/core/files/files.h"
#include "support/places.h"
#include "support/shell.h"

namespace robiq {
namespace light_commands_test {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// The program that holds everything.
test::Finished run_full(const fs::path& folder, const std::string& arguments) {
  return test::run_shell(folder, "\"${robiq}-compute\" " + arguments);
}

fs::path built(const char* name) { return fs::path(test::program_path()).parent_path() / name; }

/// A folder with the program `robiq` and its written answers.
class Alone {
 public:
  Alone() {
    fs::copy(built("robiq"), folder_.path() / "robiq");
    fs::copy(built("answers.json"), folder_.path() / "answers.json");
  }
  [[nodiscard]] test::Finished run(const std::string& arguments) const {
    return test::run_shell(folder_.path(), "./robiq " + arguments);
  }
  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

TEST(LightCommands, SayTheSameAsTheProgramThatHoldsEverything) {
  const Alone alone;
  for (const std::string arguments :
       {"", "--help", "train --help", "experiment run -h", "list", "list attacks",
        "list datasets --format json", "list loss --format csv", "describe attack ifgsm",
        "describe purifiers jpeg --format jsonl", "metrics --help", "report -h"}) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, arguments);
    const test::Finished light = alone.run(arguments);
    const test::Finished full = run_full(alone.folder(), arguments);
    EXPECT_EQ(light.exit_code, 0) << light.err;
    EXPECT_EQ(light.out, full.out);
    EXPECT_EQ(light.err, full.err);
  }
}

TEST(LightCommands, MeasureATableAndNameItsFaults) {
  const Alone alone;
  write_file(alone.folder() / "scores.csv", "mos,before,after\n1,10,20\n2,20,15\n3,35,40\n");
  const std::string arguments = "metrics scores.csv --format json";
  const test::Finished light = alone.run(arguments);
  EXPECT_EQ(light.exit_code, 0) << light.err;
  EXPECT_THAT(light.out, HasSubstr("\"srocc\": 1.0"));
  EXPECT_EQ(light.out, run_full(alone.folder(), arguments).out);
  const test::Finished wrong = alone.run("metrics scores.csvx");
  EXPECT_EQ(wrong.exit_code, 3);
  EXPECT_THAT(wrong.err, HasSubstr("scores.csvx"));
}

TEST(LightCommands, WhatIsNotWrittenDownIsLeftToTheOtherProgram) {
  const Alone alone;
  for (const std::string arguments : {"list wheels", "--plugin a.so list", "'list attacks'"}) {
    const test::Finished left = alone.run(arguments);
    EXPECT_THAT(left.err, HasSubstr("the other half of robiq cannot be started")) << arguments;
  }
  write_file(alone.folder() / "answers.json",
             R"({"version": "0.0.0", "answers": {"list": {"out": "", "notes": []}}})");
  EXPECT_NE(alone.run("list").exit_code, 0);
  write_file(alone.folder() / "answers.json", "cut");
  EXPECT_NE(alone.run("list").exit_code, 0);
}

}  // namespace light_commands_test
}  // namespace robiq
