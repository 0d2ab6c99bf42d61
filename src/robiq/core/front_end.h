#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "robiq/core/log.h"

// What a front end that is no terminal sets once, before it begins work: where progress and
// messages go in place of stderr. Receivers are called from any thread, and must not throw.

namespace robiq {

/// How far a long job is.
struct ProgressNote {
  const void* job = nullptr;  ///< the same for all notes of one job until its last one
  std::string label, unit;    ///< "evaluate", "pictures"
  std::int64_t done = 0, total = 0;
  std::string extra;   ///< a few words, or ""
  bool ended = false;  ///< the last note: the job is over, all of it done or not
};

/// At most one note in 100 ms a job, but for its first and its last one. An empty function: stderr
/// again.
void send_progress_to(std::function<void(const ProgressNote&)> receiver);

namespace log {

/// Debug messages, too; files of copy_to() get them as before. An empty function: stderr again.
void send_to(std::function<void(Level, const std::string&)> receiver);

}  // namespace log
}  // namespace robiq
