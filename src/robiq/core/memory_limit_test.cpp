#include "robiq/core/memory_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace robiq {
namespace memory_limit_test {

using testing::HasSubstr;

constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;

/// The exit code of `check` in a process of its own with a limit: 0 when it returns true.
template <class Check>
int with_limit(__rlimit_resource kind, rlim_t bytes, const Check& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{bytes, RLIM_INFINITY};
    ::setrlimit(kind, &limit);
    ::_exit(check() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(MemoryLimit, IsReadWithWhatIsUsed) {
  for (const auto kind : {RLIMIT_AS, RLIMIT_DATA}) {
    const rlim_t bytes = rlim_t{1} << 45;
    EXPECT_EQ(with_limit(kind, bytes,
                         [&] {
                           const auto limit = memory_limit();
                           return limit && limit->allowed == bytes && limit->used > kMebibyte / 4 &&
                                  limit->left() == bytes - limit->used;
                         }),
              0);
  }
}

TEST(MemoryLimit, OfTwoTheOneThatLeavesLeastCounts) {
  EXPECT_EQ(with_limit(RLIMIT_AS, rlim_t{1} << 45,
                       [] {
                         const rlimit data{rlim_t{1} << 30, RLIM_INFINITY};
                         ::setrlimit(RLIMIT_DATA, &data);
                         return std::string(memory_limit()->flag) == "ulimit -d";
                       }),
            0);
}

TEST(MemoryLimit, ThreadsNeedMemoryEach) {
  EXPECT_EQ(arithmetic_memory(0), 0U);
  EXPECT_GE(arithmetic_memory(1), 192 * kMebibyte);
  EXPECT_EQ(arithmetic_memory(3), 3 * arithmetic_memory(1));
  EXPECT_EQ(starting_memory(3) - starting_memory(1), arithmetic_memory(2));
}

TEST(MemoryLimit, ItsTextSaysWhatIsNeeded) {
  const MemoryLimit limit{"ulimit -v", 700 * kMebibyte, 600 * kMebibyte};
  const ErrorText text = small_memory_text(limit, 300 * kMebibyte, "to start", "do less");
  EXPECT_EQ(text.what, "memory is limited to 700 MiB, and robiq needs 900 MiB to start");
  EXPECT_EQ(text.where, "ulimit -v");
  EXPECT_EQ(text.hint, "allow more: ulimit -v 921600, or larger, or unlimited; do less");
  EXPECT_EQ((MemoryLimit{"ulimit -v", 1, 2}.left()), 0U);
}

}  // namespace memory_limit_test
}  // namespace robiq
