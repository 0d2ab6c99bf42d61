#include "robiq/app/run/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "robiq/core/log.h"

namespace robiq {

ScopedLogCopy::ScopedLogCopy(const std::filesystem::path& file) { log::copy_to(file); }

ScopedLogCopy::~ScopedLogCopy() { log::stop_copying(); }

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

namespace {

std::string& stored_command_line() {
  thread_local std::string text;  // in Python, calls of several threads are several commands
  return text;
}

}  // namespace

void set_command_line(std::string text) { stored_command_line() = std::move(text); }

const std::string& command_line() { return stored_command_line(); }

FolderLock::FolderLock(const std::filesystem::path& file, const ErrorText& busy)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0) {
    throw Error(ErrorKind::kData, {std::string("cannot be opened: ") + std::strerror(errno),
                                   file.string(), "check that the folder may be written"});
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int reason = errno;
  ::close(descriptor_);
  if (reason != EWOULDBLOCK) {
    throw Error(ErrorKind::kData, {std::string("cannot be locked: ") + std::strerror(reason),
                                   file.string(), "put the folder on a local disk"});
  }
  throw Error(ErrorKind::kUsage, busy);
}

FolderLock::~FolderLock() { ::close(descriptor_); }

bool FolderLock::held(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool taken = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return taken;
}

}  // namespace robiq
