#include "robiq/core/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/front_end.h"
#include "robiq/core/progress.h"
#include "robiq/core/text/escape.h"

namespace robiq::log {
namespace {

struct State {
  std::shared_ptr<spdlog::sinks::sink> terminal;
  std::shared_ptr<spdlog::sinks::sink> file;
  std::shared_ptr<spdlog::logger> logger;
  std::function<void(Level, const std::string&)> receiver;  ///< in place of the terminal
  Level level = Level::kInfo;

  State() {
    terminal = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    terminal->set_pattern("%^%l%$: %v");
    terminal->set_level(spdlog::level::info);
    logger = std::make_shared<spdlog::logger>("robiq", terminal);
    logger->set_level(spdlog::level::debug);
  }
};

State& state() {
  static State the_state;
  return the_state;
}

constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                 spdlog::level::warn, spdlog::level::off};

void write(Level level, const std::string& text) {
  Progress::clear_line();
  const std::string visible = visible_text(text);
  state().logger->log(kLevels[static_cast<int>(level)], visible);
  if (state().receiver) state().receiver(level, visible);
}

}  // namespace

void set_level(Level level) {
  state().level = level;
  const bool shown = !state().receiver;
  state().terminal->set_level(shown ? kLevels[static_cast<int>(level)] : spdlog::level::off);
}

Level level() { return state().level; }

void copy_to(const std::filesystem::path& file) {
  stop_copying();
  try {
    state().file = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
  } catch (const spdlog::spdlog_ex&) {
    throw Error(ErrorKind::kData, {"the log file cannot be opened", file.string(),
                                   "check that the folder exists and may be written"});
  }
  state().file->set_pattern("%Y-%m-%dT%H:%M:%S %l: %v");
  state().logger->sinks().push_back(state().file);
}

void stop_copying() {
  auto& sinks = state().logger->sinks();
  sinks.erase(std::remove(sinks.begin(), sinks.end(), state().file), sinks.end());
  state().file.reset();
}

void send_to(std::function<void(Level, const std::string&)> receiver) {
  state().receiver = std::move(receiver);
  set_level(state().level);
}

void debug_text(const std::string& text) { write(Level::kDebug, text); }
void info_text(const std::string& text) { write(Level::kInfo, text); }
void warning_text(const std::string& text) { write(Level::kWarning, text); }

}  // namespace robiq::log
