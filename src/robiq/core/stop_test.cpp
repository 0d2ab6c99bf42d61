#include "robiq/core/stop.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace robiq {
namespace stop_test {

TEST(Stop, IsAFlagThatTestsMaySet) {
  EXPECT_FALSE(stop_requested());
  set_stop_requested(true);
  EXPECT_TRUE(stop_requested());
  set_stop_requested(false);
  EXPECT_FALSE(stop_requested());
}

/// In a child process: signals are the process's own business.
int status_of_child(int signals, int which) {
  const pid_t child = fork();
  if (child == 0) {
    catch_stop_signals();
    const bool before = stop_requested();
    for (int i = 0; i < signals; ++i) raise(which);
    _exit(!before && stop_requested() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

TEST(Stop, FirstSignalOnlySetsTheFlag) {
  for (const int which : {SIGINT, SIGTERM, SIGHUP}) {
    const int status = status_of_child(1, which);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
}

/// nohup ignores SIGHUP, and a shell SIGINT for what it starts in the background.
TEST(Stop, ASignalThatWasIgnoredStaysIgnored) {
  for (const int which : {SIGINT, SIGTERM, SIGHUP}) {
    const pid_t child = fork();
    if (child == 0) {
      ::signal(which, SIG_IGN);
      catch_stop_signals();
      raise(which);
      raise(which);
      _exit(stop_requested() ? 1 : 0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status)) << which;
    EXPECT_EQ(WEXITSTATUS(status), 0) << which;
  }
}

TEST(Stop, SecondSignalEndsTheProcess) {
  const int status = status_of_child(2, SIGINT);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGINT);
}

}  // namespace stop_test
}  // namespace robiq
