#include "robiq/core/error.h"
#include "robiq/dist/process_group.h"

namespace robiq {

void deal_pictures(const ProcessGroup* group, std::int64_t count, const DealtWork& calls) {
  const std::int64_t rank = group == nullptr ? 0 : group->rank();
  const std::int64_t world = group == nullptr ? 1 : group->size();
  for (std::int64_t start = 0; start < count; start += world) {
    const bool stop = calls.stop();
    if (group == nullptr ? stop : group->any(stop)) {
      throw Interrupted("the work was stopped; the same command goes on where it stopped");
    }
    const std::int64_t own = start + rank;
    const std::string results = own < count ? calls.work(own) : "";
    const std::vector<std::string> all =
        group == nullptr ? std::vector<std::string>{results} : group->gather(results);
    if (rank > 0) continue;
    for (std::int64_t i = 0; i < world && start + i < count; ++i) {
      calls.store(start + i, all[static_cast<std::size_t>(i)]);
    }
  }
}

}  // namespace robiq
