#include "robiq/cli/standard_output.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "robiq/core/progress.h"

namespace robiq::cli {
namespace {

std::string* capturing = nullptr;

[[noreturn]] void cannot_write(int reason) {
  if (reason == EPIPE) throw ReaderLeft();
  throw Error(ErrorKind::kData,
              {std::string("the results cannot be printed: ") + std::strerror(reason),
               "standard output", "give it room, or another place, and run the command again"});
}

/// \return 0, or the system's reason
int write_all(int stream, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(stream, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{stream, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

void prepare_streams() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a file at its limit is then an error of the write, which is told
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    // The other way round than it is used: reading and writing then fail, as on a closed stream.
    static_cast<void>(::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
}

CapturedOutput::CapturedOutput() { capturing = &text_; }
CapturedOutput::~CapturedOutput() { capturing = nullptr; }

void print_out(std::string_view text) {
  if (capturing != nullptr) {
    capturing->append(text);
    return;
  }
  Progress::clear_line();
  if (const int reason = write_all(STDOUT_FILENO, text); reason != 0) cannot_write(reason);
}

void print_err(std::string_view text) noexcept {
  static_cast<void>(write_all(STDERR_FILENO, text));
}

void finish_out() {
  const int copy = ::dup(STDOUT_FILENO);
  if (copy >= 0 && ::close(copy) != 0 && errno != EINTR) cannot_write(errno);
}

}  // namespace robiq::cli
