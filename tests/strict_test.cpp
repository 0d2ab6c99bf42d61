// ROBIQ_TESTS_STRICT=1 turns a skipped test into a failed one (support/test_main.cpp).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

namespace robiq {
namespace strict_test {

using testing::HasSubstr;

struct Ended {
  int exit_code = -1;
  std::string output;
};

/// Runs one of the disabled tests below with ROBIQ_TESTS_STRICT set to `strict`.
Ended run_disabled(const std::string& test, const std::string& strict) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command = "ROBIQ_TESTS_STRICT='" + strict + "' '" + program +
                              "' --gtest_also_run_disabled_tests --gtest_filter='" + test +
                              "' 2>&1";
  Ended ended;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return ended;
  std::array<char, 4096> piece{};
  while (std::fgets(piece.data(), piece.size(), pipe) != nullptr) ended.output += piece.data();
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
  return ended;
}

TEST(Strict, DISABLED_Skips) { GTEST_SKIP() << "nothing to test with"; }

TEST(Strict, DISABLED_Passes) { SUCCEED(); }

class SkippedFixture : public testing::Test {
 protected:
  void SetUp() override { GTEST_SKIP() << "nothing to set up"; }
};
TEST_F(SkippedFixture, DISABLED_IsSkipped) { FAIL() << "it ran"; }

TEST(Strict, ASkippedTestFails) {
  for (const char* test : {"Strict.DISABLED_Skips", "SkippedFixture.DISABLED_IsSkipped"}) {
    const Ended ended = run_disabled(test, "1");
    EXPECT_EQ(ended.exit_code, 1) << ended.output;
    EXPECT_THAT(ended.output, HasSubstr("[  FAILED  ]"));
    EXPECT_THAT(ended.output, HasSubstr(std::string(test) + " was skipped"));
  }
}

TEST(Strict, ATestThatRunsPasses) {
  const Ended ended = run_disabled("Strict.DISABLED_Passes", "1");
  EXPECT_EQ(ended.exit_code, 0) << ended.output;
}

TEST(Strict, WithoutItSkipsAreNoFailures) {
  for (const char* strict : {"", "0"}) {
    const Ended ended = run_disabled("Strict.DISABLED_Skips", strict);
    EXPECT_EQ(ended.exit_code, 0) << ended.output;
    EXPECT_THAT(ended.output, HasSubstr("[  SKIPPED ]"));
  }
}

}  // namespace strict_test
}  // namespace robiq
