#pragma once

namespace robiq {

/// From now on the first Ctrl-C (SIGINT), SIGTERM or SIGHUP (the terminal is gone) only sets a
/// flag, which long loops poll between steps; a second one of its kind ends the process at once.
/// SIGUSR1 counts too: by it one process of a command tells the others (app/run/local_processes.h).
/// A signal that was ignored when the program began stays ignored.
void catch_stop_signals();

/// True once the user asked to stop.
[[nodiscard]] bool stop_requested() noexcept;

/// For tests: as if the signal had come, or had not.
void set_stop_requested(bool on) noexcept;

}  // namespace robiq
