#pragma once
#include <fmt/core.h>

#include <filesystem>
#include <string>

/// Messages for people, a line each, on stderr; results go to stdout. Control characters of names
/// in them are escaped. One door to spdlog.
namespace robiq::log {

enum class Level { kDebug, kInfo, kWarning, kQuiet };

/// What reaches the terminal from now on; files of copy_to() get everything.
void set_level(Level level);
[[nodiscard]] Level level();

/// Also appends the messages of this thread to `file`, and those of threads that have no file of
/// their own. A second file takes the place of the first until stop_copying().
/// \throws Error{kData} when it cannot be opened
void copy_to(const std::filesystem::path& file);
/// Ends what this thread's last copy_to() began.
void stop_copying();

void debug_text(const std::string& text);
void info_text(const std::string& text);
void warning_text(const std::string& text);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  debug_text(fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  info_text(fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  warning_text(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace robiq::log
