#include "robiq/core/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <utility>

#include "robiq/core/front_end.h"
#include "robiq/core/log.h"
#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

using namespace std::chrono_literals;
std::atomic<bool> line_is_drawn = false;

bool on_terminal() {
  static const bool answer = isatty(STDERR_FILENO) == 1;
  return answer;
}

/// One for all jobs.
std::function<void(const ProgressNote&)>& receiver() {
  static std::function<void(const ProgressNote&)> the_receiver;
  return the_receiver;
}

}  // namespace

void send_progress_to(std::function<void(const ProgressNote&)> given) {
  receiver() = std::move(given);
}

Progress::Progress(std::string label, std::int64_t total, std::string unit)
    : label_(std::move(label)), unit_(std::move(unit)), total_(total), shown_(started_) {}

Progress::~Progress() {
  clear_line();
  if (receiver() && first_ >= 0) receiver()({this, label_, unit_, total_, total_, "", true});
}

void Progress::update(std::int64_t done, const std::string& extra) {
  const bool begins = first_ < 0;
  if (begins) first_ = done;
  const auto now = Clock::now();
  if (receiver()) {
    if (!begins && done < total_ && now - shown_ < 100ms) return;
    shown_ = now;
    receiver()({this, label_, unit_, done, total_, extra, false});
    return;
  }
  const auto pause = on_terminal() ? 200ms : 30s;
  if (log::level() == log::Level::kQuiet || now - shown_ < pause) return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const double rate = static_cast<double>(done - first_) / seconds;
  std::string text = fmt::format("{}: {}/{} {}", label_, done, total_, unit_);
  if (rate > 0) {
    text += fmt::format(", {:.1f}/s, {} left", rate,
                        duration_text(static_cast<double>(total_ - done) / rate));
  }
  if (!extra.empty()) text += ", " + extra;
  if (on_terminal()) {
    fmt::print(stderr, "\r\x1b[K{}", visible_text(text));
    std::fflush(stderr);
    line_is_drawn = true;
  } else {
    log::info("{}", text);
  }
}

void Progress::clear_line() {
  if (!line_is_drawn.exchange(false)) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

}  // namespace robiq
