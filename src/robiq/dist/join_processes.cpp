#include "robiq/dist/join_processes.h"

#include <algorithm>

#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/core/memory_limit.h"
#include "robiq/core/text/text.h"
#include "robiq/tensor/device.h"

namespace robiq {

namespace {

c10::Device device_of(const std::string& flag, const ProcessPlace& place) {
  const c10::Device device = parse_device(flag);
  const bool named = flag.find(':') != flag.npos;
  if (!device.is_cuda() || named || place.alone()) return device;
  return parse_device("cuda:" + std::to_string(place.local_rank));
}

/// torchrun and --parallel bind processes to no cores; srun and mpirun give each its own.
std::int64_t threads_of(std::int64_t flag, const ProcessPlace& place) {
  const bool unbound = place.launcher == "torchrun" || place.launcher == "--parallel";
  if (flag > 0 || !unbound) return flag;
  return std::max<std::int64_t>(1, usable_cores() / std::max<std::int64_t>(1, place.local_world));
}

}  // namespace

JoinedProcesses join_processes(const ProcessFlags& flags) {
  const ProcessPlace place = process_place();
  JoinedProcesses joined;
  joined.device = device_of(flags.device, place);
  keep_freed_memory();  // the process is there for this work, whoever started it
  joined.threads = prepare_arithmetic(threads_of(flags.threads, place));
  if (place.alone() || flags.alone) return joined;
  joined.group = std::make_unique<ProcessGroup>(
      place, joined.device, Patience{flags.timeout_seconds, flags.join_seconds});
  static_cast<void>(
      parse_integer(joined.group->broadcast(std::to_string(joined.threads)), joined.threads));
  if (joined.first()) {
    const bool here = place.launcher == "--parallel";
    log::info("{} processes of {} work together; each uses {} thread{}", place.world,
              here ? "this machine" : place.launcher, joined.threads,
              joined.threads == 1 ? "" : "s");
  } else {
    log::set_level(log::Level::kQuiet);
  }
  return joined;
}

void check_agreement(const ProcessGroup* group, const std::string& text) {
  if (group == nullptr) return;
  const std::vector<std::string> all = group->gather(text);
  if (std::all_of(all.begin(), all.end(),
                  [&](const auto& answer) { return answer == all.front(); })) {
    return;
  }
  throw Error(ErrorKind::kUsage,
              {"the processes of this run do not agree on its options or its data",
               "rank " + std::to_string(group->rank()) + " of " + std::to_string(group->size()),
               "start all of them with one command, and let them see the same files"});
}

}  // namespace robiq
