#pragma once
// Runs the real program, as a user or another program would.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "robiq/core/files/files.h"
#include "support/places.h"

namespace robiq::test {

/// How a program ended and what it wrote.
struct Finished {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;
  std::string out, err;
};

/// Words at single spaces; what holds spaces itself is added to the vector.
[[nodiscard]] inline std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> all;
  for (std::string word; in >> word;) all.push_back(word);
  return all;
}

/// One running robiq, started in a folder of the test's choice. Killed when destroyed.
class Program {
 public:
  Program(const std::filesystem::path& folder, std::vector<std::string> arguments,
          const std::string& input = "") {
    write_file(io_.path() / "in", input);
    arguments.insert(arguments.begin(), program_path());
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    const auto open = [&](int number, const char* name, int flags) {
      posix_spawn_file_actions_addopen(&files, number, (io_.path() / name).c_str(), flags, 0600);
    };
    open(0, "in", O_RDONLY);
    open(1, "out", O_WRONLY | O_CREAT | O_TRUNC);
    open(2, "err", O_WRONLY | O_CREAT | O_TRUNC);
    posix_spawn_file_actions_addchdir_np(&files, folder.c_str());
    if (posix_spawn(&pid_, program_path().c_str(), &files, nullptr, argv.data(), environ) != 0)
      pid_ = -1;
    posix_spawn_file_actions_destroy(&files);
    EXPECT_GT(pid_, 0) << "cannot start " << program_path();
  }
  ~Program() {
    if (pid_ <= 0) return;
    send(SIGKILL);
    static_cast<void>(wait());
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(int signal) {
    if (pid_ > 0) ::kill(pid_, signal);
  }

  /// Until `reached()` or the end of the program. \return false when the program ended first
  bool wait_until(const std::function<bool()>& reached) {
    while (pid_ > 0) {
      if (reached()) return true;
      siginfo_t info{};
      ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
      if (info.si_pid == pid_) return reached();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  [[nodiscard]] Finished wait() {
    Finished result;
    int status = 0;
    if (pid_ <= 0 || ::waitpid(pid_, &status, 0) != pid_) return result;
    pid_ = -1;
    if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    constexpr std::uint64_t kLimit = 64u << 20;
    result.out = read_file(io_.path() / "out", kLimit);
    result.err = read_file(io_.path() / "err", kLimit);
    return result;
  }

 private:
  TemporaryFolder io_;
  pid_t pid_ = -1;
};

/// Runs to the end.
[[nodiscard]] inline Finished run_program(const std::filesystem::path& folder,
                                          const std::string& arguments,
                                          const std::string& input = "") {
  return Program(folder, words(arguments), input).wait();
}

}  // namespace robiq::test
