#include "robiq/core/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/front_end.h"
#include "robiq/core/progress.h"
#include "robiq/core/text/escape.h"

namespace robiq::log {
namespace {

/// A file that gets the messages of a thread.
struct Copy {
  std::thread::id thread;
  std::shared_ptr<spdlog::logger> logger;
};

struct State {
  std::shared_ptr<spdlog::sinks::sink> terminal;
  std::mutex copying;        ///< guards `copies`
  std::vector<Copy> copies;  ///< the newest last
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

/// To the newest file of this thread; of a thread that has none, to all.
void copy(spdlog::level::level_enum level, const std::string& text) {
  const std::scoped_lock lock(state().copying);
  const std::thread::id self = std::this_thread::get_id();
  const auto& copies = state().copies;
  const auto own = std::find_if(copies.rbegin(), copies.rend(),
                                [&](const Copy& one) { return one.thread == self; });
  if (own != copies.rend()) return own->logger->log(level, text);
  for (const Copy& one : copies) one.logger->log(level, text);
}

void write(Level level, const std::string& text) {
  Progress::clear_line();
  const std::string visible = visible_text(text);
  const auto of_spdlog = kLevels[static_cast<int>(level)];
  state().logger->log(of_spdlog, visible);
  copy(of_spdlog, visible);
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
  std::shared_ptr<spdlog::sinks::sink> sink;
  try {
    sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
  } catch (const spdlog::spdlog_ex&) {
    throw Error(ErrorKind::kData, {"the log file cannot be opened", file.string(),
                                   "check that the folder exists and may be written"});
  }
  auto logger = std::make_shared<spdlog::logger>("robiq", sink);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S %l: %v");
  logger->set_level(spdlog::level::debug);
  logger->flush_on(spdlog::level::debug);  // a kill loses nothing
  const std::scoped_lock lock(state().copying);
  state().copies.push_back({std::this_thread::get_id(), std::move(logger)});
}

void stop_copying() {
  const std::scoped_lock lock(state().copying);
  auto& copies = state().copies;
  const auto own = std::find_if(copies.rbegin(), copies.rend(), [](const Copy& one) {
    return one.thread == std::this_thread::get_id();
  });
  if (own != copies.rend()) copies.erase(std::next(own).base());
}

void send_to(std::function<void(Level, const std::string&)> receiver) {
  state().receiver = std::move(receiver);
  set_level(state().level);
}

void debug_text(const std::string& text) { write(Level::kDebug, text); }
void info_text(const std::string& text) { write(Level::kInfo, text); }
void warning_text(const std::string& text) { write(Level::kWarning, text); }

}  // namespace robiq::log
