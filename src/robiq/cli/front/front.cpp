// What users call `robiq`. It loads no LibTorch, which takes almost half a second: what needs no
// tensors it does by itself (answers that are written down, measures of a table of scores, reports,
// how far a study is), and for all else it becomes `robiq-compute`, which lies beside it. OpenMP
// reads its settings when it is loaded, and the system's loader knows no message for too little
// memory: here is the place before both.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "robiq/app/study/progress/experiment_status.h"
#include "robiq/cli/answers.h"
#include "robiq/cli/computing_command.h"
#include "robiq/cli/program.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/error.h"
#include "robiq/core/error_boundary.h"
#include "robiq/core/log.h"
#include "robiq/core/memory_limit.h"
#include "robiq/core/version.h"

namespace robiq::cli {
namespace {

namespace fs = std::filesystem;

/// Threads of OpenMP and of OpenBLAS spin while they wait, which takes the cores from each other
/// and from any other program: two threads were ten times slower than one. They are told to sleep
/// instead, OpenBLAS's after 2^16 ticks. What the user has set stays.
void let_waiting_threads_sleep() {
  if (std::getenv("GOMP_SPINCOUNT") == nullptr) ::setenv("OMP_WAIT_POLICY", "passive", 0);
  ::setenv("OPENBLAS_THREAD_TIMEOUT", "16", 0);
}

/// Whether the libraries of a program can be mapped within the limits of this process. The loader
/// tries it in a process of its own, which starts none of them.
bool libraries_fit(const fs::path& program) {
  std::string name = program.string(), trace = "LD_TRACE_LOADED_OBJECTS=1";
  std::vector<char*> arguments = {name.data(), nullptr}, environment = {trace.data()};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.push_back(*variable);
  }
  environment.push_back(nullptr);
  posix_spawn_file_actions_t streams;
  ::posix_spawn_file_actions_init(&streams);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    ::posix_spawn_file_actions_addopen(&streams, stream, "/dev/null", O_WRONLY, 0);
  }
  pid_t child = 0;
  const int failure =
      ::posix_spawn(&child, name.c_str(), &streams, nullptr, arguments.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&streams);
  if (failure != 0) return failure != ENOMEM;  // other reasons are told where it is started
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return true;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Says that memory is limited to less than the libraries take. What they leave is checked by the
/// other program, to the byte. \throws Error{kDevice}
void check_memory(const fs::path& program, bool computing) {
  const std::optional<MemoryLimit> limit = memory_limit();
  if (!limit || libraries_fit(program)) return;
  // LibTorch without CUDA and the readers of pictures and videos; what takes more than a limit
  // above this is unknown until it fits.
  constexpr std::uint64_t kLibraries = std::uint64_t{1} << 30;
  const std::int64_t cores = usable_cores();
  const std::uint64_t needed = std::max(kLibraries, limit->allowed) + starting_memory(cores) +
                               (computing ? arithmetic_memory(cores) : 0);
  throw Error(ErrorKind::kDevice,
              small_memory_text(*limit, needed, "to load its libraries and begin", ""));
}

/// Lets the other program do what the command line says. Does not return.
/// \throws Error{kDevice} for too little memory, Error{kInternal} where it cannot be started
[[noreturn]] void become_compute(const fs::path& program, int argc, char** argv) {
  const bool computing = is_computing(command_word(argc, argv));
  check_memory(program, computing);
  if (computing) let_waiting_threads_sleep();
  ::execv(program.c_str(), argv);
  const std::string reason = std::error_code(errno, std::generic_category()).message();
  throw Error(ErrorKind::kInternal, {"the other half of robiq cannot be started: " + reason,
                                     program.string(), "install robiq again, both programs"});
}

/// The words of the command line, if no plugin may change what they mean.
std::optional<std::vector<std::string>> plain_words(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const auto is_plugin = [](const std::string& word) { return word.starts_with("--plugin"); };
  if (std::any_of(words.begin(), words.end(), is_plugin)) return std::nullopt;
  return words;
}

/// Whether the words ask for something that may be written down. Others, which go on to compute,
/// are not kept waiting while the answers are read.
bool may_be_written(const std::vector<std::string>& words) {
  if (words.empty() || words.front() == "list" || words.front() == "describe") return true;
  return words.back() == "--help" || words.back() == "-h";
}

/// Where the answers are: beside the program, or under share/ where it is installed.
std::optional<Answer> written_answer(const fs::path& folder,
                                     const std::vector<std::string>& words) {
  if (!may_be_written(words)) return std::nullopt;
  for (const fs::path& place : {folder, folder / ROBIQ_PROGRAM_TO_SHARE}) {
    if (std::optional<Answer> answer = find_answer(place / "answers.json", words)) return answer;
  }
  return std::nullopt;
}

/// The commands that compute no tensors. \param compute  becomes the program that does
void add_light_commands(CLI::App& app, Common& common, const std::function<void()>& compute) {
  add_metrics(app, common);
  add_report(app, common);
  CLI::App* const experiment = app.add_subcommand("experiment");
  add_experiment_status(*experiment, common, [compute](const ExperimentStatusRequest& request) {
    std::optional<ExperimentStatus> status = noted_status(request);
    if (!status) compute();
    return *std::move(status);
  });
}

/// Whether the light commands may have the answer to these words.
bool may_be_light(const std::vector<std::string>& words, std::string_view command) {
  if (command == "metrics" || command == "report") return true;
  return words.size() > 1 && words[0] == "experiment" && words[1] == "status";
}

int guarded(const std::function<void()>& work) {
  within_system_boundary(work);
  return 0;
}

int give(const Answer& answer) {
  prepare_streams();
  print_out(answer.out);
  for (const std::string& note : answer.notes) log::info("{}", note);
  finish_out();
  return 0;
}

int answer(int argc, char** argv) {
  std::error_code unknown;
  const fs::path folder = fs::read_symlink("/proc/self/exe", unknown).parent_path();
  const fs::path program = folder / "robiq-compute";
  if (const auto words = plain_words(argc, argv)) {
    if (*words == std::vector<std::string>{"--version"}) {
      return give({"robiq " + std::string(version()) + "\n", {}});
    }
    if (const auto written = written_answer(folder, *words)) return give(*written);
    if (may_be_light(*words, command_word(argc, argv))) {
      const auto add = [&](CLI::App& app, Common& common) {
        add_light_commands(app, common, [&] { become_compute(program, argc, argv); });
      };
      return run_program(argc, argv, {add, guarded, {}});
    }
  }
  become_compute(program, argc, argv);
}

}  // namespace
}  // namespace robiq::cli

int main(int argc, char** argv) {
  try {
    return robiq::cli::answer(argc, argv);
  } catch (const robiq::cli::ReaderLeft&) {
    return robiq::cli::ReaderLeft::kExitCode;
  } catch (const robiq::Error& error) {
    robiq::cli::print_err(std::string(error.what()) + "\n");
    return error.exit_code();
  }
}
