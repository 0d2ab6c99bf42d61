// Under a memory limit (ulimit -v, ulimit -d) robiq works, or says what it needs; it neither hangs
// nor crashes, as LibTorch and OpenBLAS do where memory ends while they start.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdint>
#include <cstdlib>
#include <regex>
#include <string>

#include "robiq/core/files/files.h"
#include "support/places.h"

namespace robiq {
namespace {

using testing::HasSubstr;

constexpr const char* kScore = "bench score --model cnniqa --height 64 --width 64 --repeats 1";

struct Ended {
  int exit_code = -1;  ///< 137 after a minute
  std::string err;
};

/// What makes a limit, in KiB: "-v" (address space) or "-d" (data).
class MemoryLimits : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] Ended run(std::uint64_t kibibytes, const std::string& command) const {
    const auto err = folder_.path() / "err";
    const std::string line = "ulimit -c 0; ulimit " + std::string(GetParam()) + ' ' +
                             std::to_string(kibibytes) + "; exec timeout --signal KILL 60 '" +
                             test::program_path() + "' " + command + " >/dev/null 2>'" +
                             err.string() + "'";
    const int status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            read_file(err, 1 << 20)};
  }

  /// KiB that the command says it needs, when it has nearly nothing beyond its libraries.
  [[nodiscard]] std::uint64_t needed_by(const std::string& command) const {
    // Where the libraries do not fit, only a limit that is surely enough is known.
    for (std::uint64_t kibibytes = 100'000; kibibytes < 64'000'000; kibibytes += 50'000) {
      const Ended ended = run(kibibytes, command);
      const std::uint64_t needed = named_in(ended);
      if (needed == 0) break;
      if (ended.err.find("to load its libraries") == std::string::npos) return needed;
    }
    ADD_FAILURE() << "no limit was refused";
    return 0;
  }

  /// KiB that a refusal names, or 0.
  [[nodiscard]] std::uint64_t named_in(const Ended& refused) const {
    EXPECT_EQ(refused.exit_code, 5) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("error: memory is limited to "));
    EXPECT_THAT(refused.err, HasSubstr("hint  allow more: ulimit " + std::string(GetParam())));
    std::smatch match;
    const std::regex number("hint  allow more: ulimit -. ([0-9]+)");
    return std::regex_search(refused.err, match, number) ? std::stoull(match[1]) : 0;
  }

 private:
  TemporaryFolder folder_;
};

TEST_P(MemoryLimits, WhatIsSaidToBeNeededIsEnough) {
  for (const std::string command : {"data list", kScore}) {
    const std::uint64_t needed = needed_by(command);
    const Ended enough = run(needed, command);
    EXPECT_EQ(enough.exit_code, 0) << command << needed << enough.err;
    for (const std::uint64_t less : {1U << 10U, 50U << 10U, 200U << 10U}) {
      const Ended ended = run(needed - less, command);
      EXPECT_EQ(ended.exit_code, 5) << command << less << ended.err;
    }
  }
}

TEST_P(MemoryLimits, LimitsBelowTheLibrariesAreRefusedAndWhatTheyNameIsEnough) {
  for (const std::string command : {"data list", kScore}) {
    const Ended enough = run(named_in(run(100'000, command)), command);
    EXPECT_EQ(enough.exit_code, 0) << command << enough.err;
  }
}

TEST_P(MemoryLimits, WhatNeedsNoTensorsNeedsNoRoomForThem) {
  for (const char* command : {"--version", "list models", "train --help"}) {
    EXPECT_EQ(run(100'000, command).exit_code, 0) << command;
  }
}

TEST_P(MemoryLimits, AModelThatDoesNotFitEndsWithAMessage) {
  const std::uint64_t needed = needed_by(kScore);
  for (const std::uint64_t more : {0U, 50U << 10U, 120U << 10U}) {
    const Ended ended =
        run(needed + more, "bench score --model maniqa --height 224 --width 224 --repeats 1");
    EXPECT_EQ(ended.exit_code, 5) << more << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("error: out of memory"));
  }
}

TEST_P(MemoryLimits, MoreThreadsThanFitAreRefused) {
  const Ended ended = run(needed_by(kScore), std::string(kScore) + " --threads 64");
  EXPECT_EQ(ended.exit_code, 5) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("for 64 threads of arithmetic"));
  EXPECT_THAT(ended.err, HasSubstr("--threads 1"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, MemoryLimits, testing::Values("-v", "-d"),
                         [](const auto& kind) { return std::string(kind.param + 1); });

}  // namespace
}  // namespace robiq
