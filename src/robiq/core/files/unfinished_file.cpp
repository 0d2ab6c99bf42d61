#include "robiq/core/files/unfinished_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

constexpr const char* kPart = ".part";

/// The process that left `name` behind, where that is an unfinished file of `file`; else 0.
std::int64_t maker_of(const std::string& name, const std::string& start) {
  std::int64_t process = 0;
  if (!name.starts_with(start) || !parse_integer(name.substr(start.size()), process)) return 0;
  return process > 0 ? process : 0;
}

/// Names of unfinished files that were in a folder when this process first wrote to it.
const std::vector<std::string>& found_in(const fs::path& folder) {
  static std::mutex mutex;
  static std::map<std::string, std::vector<std::string>> by_folder;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto [place, is_new] = by_folder.try_emplace(folder.string());
  if (!is_new) return place->second;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (name.rfind(kPart) != name.npos) place->second.push_back(name);
  }
  return place->second;
}

/// Whether nobody writes to it any more.
bool left_behind(const fs::path& unfinished, std::int64_t process) {
  const int descriptor = ::open(unfinished.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool free = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  const bool held = !free && errno == EWOULDBLOCK;
  ::close(descriptor);
  if (free || held) return free;
  // Some file systems have no locks.
  return ::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH;
}

void remove_left_behind(const fs::path& folder, const std::string& start) {
  for (const std::string& name : found_in(folder.empty() ? fs::path(".") : folder)) {
    const std::int64_t process = maker_of(name, start);
    std::error_code code;
    if (process > 0 && left_behind(folder / name, process)) fs::remove(folder / name, code);
  }
}

int make(const fs::path& file) {
  constexpr mode_t kEverybody = 0666;  // less the user's mask
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, kEverybody);
  if (descriptor >= 0) return descriptor;
  throw fs::filesystem_error("open", file, std::error_code(errno, std::generic_category()));
}

}  // namespace

UnfinishedFile::UnfinishedFile(const fs::path& file) : file_(file) {
  const std::string process = std::to_string(::getpid());
  const std::size_t room = kMostNameBytes - std::string_view(kPart).size() - process.size();
  const std::string start = shortened_name(file.filename().string(), room) + kPart;
  remove_left_behind(file.parent_path(), start);
  path_ = file.parent_path() / (start + process);
  descriptor_ = make(path_);
  ::flock(descriptor_, LOCK_EX | LOCK_NB);
}

UnfinishedFile::~UnfinishedFile() {
  ::close(descriptor_);
  std::error_code code;
  if (!path_.empty()) fs::remove(path_, code);
}

void UnfinishedFile::finish() {
  fs::rename(path_, file_);
  path_.clear();
}

}  // namespace robiq
