#pragma once

namespace robiq {

/// From now on the first Ctrl-C (SIGINT) or SIGTERM only sets a flag, which long loops poll
/// between steps; a second one ends the process at once.
void catch_stop_signals();

/// True once the user asked to stop.
[[nodiscard]] bool stop_requested() noexcept;

/// For tests: as if the signal had come, or had not.
void set_stop_requested(bool on) noexcept;

}  // namespace robiq
