#include "robiq/core/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

#include "robiq/core/error.h"
#include "robiq/core/progress.h"
#include "robiq/core/text/escape.h"

namespace robiq::log {
namespace {

struct State {
  std::shared_ptr<spdlog::sinks::sink> terminal;
  std::shared_ptr<spdlog::sinks::sink> file;
  std::shared_ptr<spdlog::logger> logger;
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

void write(spdlog::level::level_enum level, const std::string& text) {
  Progress::clear_line();
  state().logger->log(level, visible_text(text));
}

}  // namespace

void set_level(Level level) {
  state().level = level;
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err};
  state().terminal->set_level(kLevels[static_cast<int>(level)]);
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

void debug_text(const std::string& text) { write(spdlog::level::debug, text); }
void info_text(const std::string& text) { write(spdlog::level::info, text); }
void warning_text(const std::string& text) { write(spdlog::level::warn, text); }

}  // namespace robiq::log
