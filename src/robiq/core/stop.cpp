#include "robiq/core/stop.h"

#include <signal.h>

#include <atomic>
#include <initializer_list>

namespace robiq {
namespace {

std::atomic<bool> requested = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler needs a lock-free flag");

void on_signal(int number) {
  requested.store(true);
  ::signal(number, SIG_DFL);
}

/// What the caller chose to ignore (nohup, a shell's background job) stays ignored.
void catch_unless_ignored(int number) {
  struct sigaction found {};
  if (::sigaction(number, nullptr, &found) == 0 && found.sa_handler == SIG_IGN) return;
  ::signal(number, on_signal);
}

}  // namespace

void catch_stop_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) catch_unless_ignored(number);
}

bool stop_requested() noexcept { return requested.load(std::memory_order_relaxed); }

void set_stop_requested(bool on) noexcept { requested.store(on); }

}  // namespace robiq
