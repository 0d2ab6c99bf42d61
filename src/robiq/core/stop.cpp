#include "robiq/core/stop.h"

#include <atomic>
#include <csignal>

namespace robiq {
namespace {

std::atomic<bool> requested = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler needs a lock-free flag");

void on_signal(int number) {
  requested.store(true);
  std::signal(number, SIG_DFL);
}

}  // namespace

void catch_stop_signals() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

bool stop_requested() noexcept { return requested.load(std::memory_order_relaxed); }

void set_stop_requested(bool on) noexcept { requested.store(on); }

}  // namespace robiq
