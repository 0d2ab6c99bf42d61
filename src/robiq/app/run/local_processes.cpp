#include "robiq/app/run/local_processes.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>

#include "robiq/core/error.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/text.h"
#include "robiq/dist/process_place.h"

namespace robiq {

namespace {

constexpr const char* kRank = "ROBIQ_RANK";
constexpr const char* kWorld = "ROBIQ_WORLD_SIZE";

[[noreturn]] void throw_machine_error(const std::string& what) {
  throw Error(ErrorKind::kDevice,
              {what + ": " + std::strerror(errno), "",
               "let one process do it: --parallel 1, robiq demo --threads N, or "
               "robiq bench side-by-side --processes 1"});
}

/// The words of this process's command line, as the system holds them.
std::vector<std::string> own_arguments() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();
  return split(bytes, '\0');
}

/// A port of this machine that nobody listens at.
std::int64_t free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  const bool found = listener >= 0 && ::bind(listener, plain, size) == 0 &&
                     ::getsockname(listener, plain, &size) == 0;
  if (listener >= 0) ::close(listener);
  if (!found) throw_machine_error("no port is free for processes to meet at");
  return ntohs(address.sin_port);
}

void set_variable(const char* name, const std::string& value) {
  if (::setenv(name, value.c_str(), 1) != 0) throw_machine_error("the environment is full");
}

void take_place(std::int64_t rank, std::int64_t count) {
  set_variable(kRank, std::to_string(rank));
  set_variable(kWorld, std::to_string(count));
  set_variable("ROBIQ_LOCAL_RANK", std::to_string(rank));
  set_variable("ROBIQ_LOCAL_WORLD_SIZE", std::to_string(count));
}

/// How a process that was started here has ended, and nothing while it runs; it is still to be
/// waited for.
std::optional<siginfo_t> end_of(pid_t process) {
  siginfo_t state{};
  const int answer =
      ::waitid(P_PID, static_cast<id_t>(process), &state, WEXITED | WNOHANG | WNOWAIT);
  if (answer != 0 || state.si_pid != process) return std::nullopt;
  return state;
}

/// Whether a process has ended before a time.
bool ends_before(std::chrono::steady_clock::time_point until, pid_t process) {
  while (!end_of(process)) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

/// What a process that has ended by itself with an error has printed; "" for one that has not.
std::string last_words(pid_t process, int printed) {
  const auto end = end_of(process);
  if (!end || (end->si_code == CLD_EXITED && end->si_status == 0)) return "";
  std::array<char, 4096> bytes{};
  const ssize_t size = ::pread(printed, bytes.data(), bytes.size(), 0);
  return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(0, size))};
}

}  // namespace

LocalProcesses::LocalProcesses(std::int64_t count) {
  if (std::getenv(kRank) != nullptr || count < 2) return;
  const ProcessPlace place = process_place();
  if (!place.alone()) {
    throw Error(ErrorKind::kUsage, {place.launcher + " has started several processes already",
                                    "--parallel", "leave it out, or start one process"});
  }
  const std::vector<std::string> arguments = own_arguments();
  set_variable("MASTER_ADDR", "127.0.0.1");
  set_variable("MASTER_PORT", std::to_string(free_port()));
  for (std::int64_t rank = 1; rank < count; ++rank) start(rank, count, arguments);
  take_place(0, count);
}

LocalProcesses::~LocalProcesses() { end_all(); }

void LocalProcesses::start(std::int64_t rank, std::int64_t count,
                           const std::vector<std::string>& arguments) {
  std::vector<char*> words;
  words.reserve(arguments.size() + 1);
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const int printed = ::memfd_create("robiq", MFD_CLOEXEC);
  if (printed < 0) throw_machine_error("no file in memory can be made");
  take_place(rank, count);  // the child takes the environment as it is now
  const pid_t parent = ::getpid(), child = ::fork();
  if (child < 0) throw_machine_error("no process can be started");
  if (child == 0) {
    // Nobody else would end it when this process is killed.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    const int nothing = ::open("/dev/null", O_RDWR);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(nothing, STDOUT_FILENO);
    ::dup2(printed, STDERR_FILENO);
    ::execv("/proc/self/exe", words.data());
    ::_exit(1);
  }
  started_.push_back({child, printed});
}

void LocalProcesses::end_all() {
  for (const Started& other : started_) {
    ::kill(other.process, SIGKILL);
    ::waitpid(other.process, nullptr, 0);
    ::close(other.printed);
  }
  started_.clear();
}

/// Ctrl-C reaches all processes, a signal to this one alone does not; and this one may wait for
/// what the others do. A signal of its own kind leaves those that have heard already at their
/// saving.
void LocalProcesses::tell_of_stop(const std::stop_token& over) const {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any pause;
  while (!stop_requested()) {
    pause.wait_for(lock, over, std::chrono::milliseconds(100), [] { return false; });
    if (over.stop_requested()) return;
  }
  for (const Started& other : started_) ::kill(other.process, SIGUSR1);
}

/// Gives those that save the time to do so.
void LocalProcesses::let_others_end() const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (const Started& other : started_) ends_before(until, other.process);
}

/// Says what was wrong in the others, where their end is what is wrong here.
void LocalProcesses::print_last_words(const Error& error) const {
  if (dynamic_cast<const LostProcess*>(&error) == nullptr) return;
  // A process closes its connections a moment before it ends.
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  for (const Started& other : started_) {
    ends_before(until, other.process);
    const std::string words = last_words(other.process, other.printed);
    // What is wrong for all of them is said once.
    if (words.find(error.what()) == words.npos)
      static_cast<void>(std::fputs(words.c_str(), stderr));
  }
}

void LocalProcesses::during(const std::function<void()>& work) {
  std::jthread watch;
  if (!started_.empty()) {
    watch = std::jthread([this](const std::stop_token& over) { tell_of_stop(over); });
  }
  try {
    work();
  } catch (const Error& error) {
    print_last_words(error);
    throw;
  } catch (const Interrupted&) {
    let_others_end();
    throw;
  }
  for (const Started& other : started_) {
    siginfo_t state{};
    const auto process = static_cast<id_t>(other.process);
    while (::waitid(P_PID, process, &state, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
  }
  watch = {};  // a process that is gone for good must get no signal
  end_all();
}

}  // namespace robiq
