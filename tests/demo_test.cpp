// `robiq demo` as users run it: both ways of sharing its work, and a second run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <string>

#include "robiq/core/files/files.h"
#include "support/places.h"
#include "support/shell.h"

namespace robiq {
namespace demo_test {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSmall =
    "demo --data builtin:scenes=5,size=64 --epochs 1 --limit 2 --attack fgsm korhonen:most_steps=2 "
    "--format csv --out ";

/// Lets the programs that are started from here use one core or two, as far as there are as many.
/// \return how many it is
int use_cores(int count) {
  cpu_set_t all, few;
  CPU_ZERO(&few);
  if (::sched_getaffinity(0, sizeof all, &all) != 0) return 0;
  for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&few) < count; ++core) {
    if (CPU_ISSET(core, &all)) CPU_SET(core, &few);
  }
  return ::sched_setaffinity(0, sizeof few, &few) == 0 ? CPU_COUNT(&few) : 0;
}

TEST(Demo, TwoProcessesMakeWhatOneMakes) {
  const TemporaryFolder folder;
  if (use_cores(2) != 2) GTEST_SKIP() << "this process may use one core";
  const test::Finished two = test::run_program(folder.path(), std::string(kSmall) + "two");
  ASSERT_EQ(two.exit_code, 0) << two.err;
  EXPECT_THAT(two.err, HasSubstr("2 processes"));
  const test::Finished one =
      test::run_program(folder.path(), std::string(kSmall) + "one --threads 1");
  ASSERT_EQ(one.exit_code, 0) << one.err;
  EXPECT_THAT(one.err, Not(HasSubstr("2 processes")));
  EXPECT_THAT(one.out, HasSubstr("korhonen,score before and after,srocc"));
  EXPECT_EQ(one.out, two.out);
  for (const char* file : {"base/checkpoints/best.safetensors", "nt/checkpoints/best.safetensors",
                           "surrogate/checkpoints/best.safetensors"}) {
    EXPECT_EQ(read_file(folder.path() / "one" / file, 1 << 24),
              read_file(folder.path() / "two" / file, 1 << 24))
        << file;
  }
  EXPECT_TRUE(fs::exists(folder.path() / "two/report/index.html"));
  // What is there is used.
  const test::Finished again = test::run_program(folder.path(), std::string(kSmall) + "two");
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out, two.out);
}

TEST(Demo, WhatTheOtherProcessFailsAtIsSaid) {
  const TemporaryFolder folder;
  if (use_cores(2) != 2) GTEST_SKIP() << "this process may use one core";
  write_file(folder.path() / "out/base", "a file where the other process wants a folder");
  const test::Finished failed = test::run_program(folder.path(), std::string(kSmall) + "out");
  EXPECT_NE(failed.exit_code, 0);
  EXPECT_THAT(failed.err, HasSubstr("out/base"));
}

}  // namespace demo_test
}  // namespace robiq
