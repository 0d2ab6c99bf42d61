#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "robiq/dist/process_group.h"

namespace robiq {

/// What deal_pictures() calls.
struct DealtWork {
  /// In the process that got the picture: its results as bytes.
  std::function<std::string(std::int64_t position)> work;
  /// In the first process, in the order of the pictures.
  std::function<void(std::int64_t position, const std::string& results)> store;
  std::function<bool()> stop;
};

/// Works through pictures 0 .. count - 1, dealt to the processes in turn. After each round, one
/// picture a process, the results travel to the first, which stores them: one process writes, and
/// what a lost one takes with it is one round. A null group is a process alone.
/// \throws Interrupted in all processes once stop() is true in one; what was stored stays
void deal_pictures(const ProcessGroup* group, std::int64_t count, const DealtWork& calls);

}  // namespace robiq
