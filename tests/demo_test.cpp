// `robiq demo` as users run it: both ways of sharing its work, and a second run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <string>

#include "robiq/core/files/files.h"
#include "support/places.h"
#include "support/ranks.h"
#include "support/shell.h"

namespace robiq {
namespace demo_test {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSmall =
    "demo --data builtin:scenes=5,size=64 --epochs 1 --limit 2 --attack fgsm korhonen:most_steps=2 "
    "--device cpu --format csv --out ";

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
  SKIP_WITHOUT_GROUPS();
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
  SKIP_WITHOUT_GROUPS();
  const TemporaryFolder folder;
  if (use_cores(2) != 2) GTEST_SKIP() << "this process may use one core";
  write_file(folder.path() / "out/base", "a file where the other process wants a folder");
  const test::Finished failed = test::run_program(folder.path(), std::string(kSmall) + "out");
  EXPECT_EQ(failed.exit_code, 3);
  EXPECT_THAT(failed.err, HasSubstr("out/base"));
  EXPECT_THAT(failed.err, Not(HasSubstr("was lost")));
}

TEST(Demo, GoesOnAfterASignalToItsFirstProcess) {
  SKIP_WITHOUT_GROUPS();
  const TemporaryFolder folder;
  if (use_cores(2) != 2) GTEST_SKIP() << "this process may use one core";
  const std::string demo =
      "demo --data builtin:scenes=8,size=96 --epochs 8 --limit 2 --attack fgsm --device cpu "
      "--out ";
  const test::Finished stopped = test::run_shell(
      folder.path(),
      "\"$robiq\" " + demo + "d &\nprocess=$!\n" +
          "while ! [[ -e d/base/checkpoints && -e d/nt/checkpoints ]]; do sleep 0.1; "
          "done\nkill -TERM $process\nwait $process\n");
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("the same command goes on"));
  const test::Finished done = test::run_program(folder.path(), demo + "d");
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("resuming after"));
}

TEST(Demo, LaunchersThatStartItSeveralTimesAreRefused) {
  const TemporaryFolder folder;
  const test::Finished refused = test::run_shell(
      folder.path(),
      "WORLD_SIZE=2 RANK=0 LOCAL_RANK=0 LOCAL_WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=1 "
      "\"$robiq\" demo --quick --out d");
  EXPECT_EQ(refused.exit_code, 2) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("start one"));
}

}  // namespace demo_test
}  // namespace robiq
