#include "robiq/app/run/run_folder.h"

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
  static std::string text;
  return text;
}

}  // namespace

void set_command_line(std::string text) { stored_command_line() = std::move(text); }

const std::string& command_line() { return stored_command_line(); }

}  // namespace robiq
