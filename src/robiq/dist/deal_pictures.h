#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "robiq/core/error.h"
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
inline void deal_pictures(const ProcessGroup* group, std::int64_t count, const DealtWork& calls) {
  const std::int64_t rank = group == nullptr ? 0 : group->rank();
  const std::int64_t world = group == nullptr ? 1 : group->size();
  const auto stop = [] {
    throw Interrupted("the work was stopped; the same command goes on where it stopped");
  };
  for (std::int64_t start = 0; start < count; start += world) {
    std::vector<std::string> all;
    try {
      const bool asked = calls.stop();
      if (group == nullptr ? asked : group->any(asked)) stop();
      const std::int64_t own = start + rank;
      const std::string results = own < count ? calls.work(own) : "";
      all = group == nullptr ? std::vector<std::string>{results} : group->gather(results);
    } catch (const LostProcess&) {  // a stop ends the work of some before that of others
      if (calls.stop()) stop();
      throw;
    }
    if (rank > 0) continue;
    for (std::int64_t i = 0; i < world && start + i < count; ++i) {
      calls.store(start + i, all[static_cast<std::size_t>(i)]);
    }
  }
}

}  // namespace robiq
