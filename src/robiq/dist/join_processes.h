#pragma once
#include <c10/core/Device.h>

#include <cstdint>
#include <memory>
#include <string>

#include "robiq/dist/process_group.h"

namespace robiq {

/// A command as one process of several, or alone.
struct JoinedProcesses {
  std::unique_ptr<ProcessGroup> group;  ///< null: alone
  c10::Device device = c10::kCPU;
  std::int64_t threads = 0;  ///< of arithmetic in rank 0

  [[nodiscard]] std::int64_t rank() const { return group ? group->rank() : 0; }
  [[nodiscard]] std::int64_t size() const { return group ? group->size() : 1; }
  [[nodiscard]] bool first() const { return is_first(group.get()); }
};

/// What a command's flags say about its processes.
struct ProcessFlags {
  std::string device = "auto";  ///< "auto" and "cuda" give each process of a machine its own GPU
  std::int64_t threads = 0;     ///< 0: the usable cores, shared by the processes of torchrun
  double timeout_seconds = 1800, join_seconds = 60;
  bool alone = false;  ///< meet nobody: a study divides its cells, not the work inside one
};

/// Prepares arithmetic, and meets the other processes where a launcher has started several. All
/// but the first then print nothing more than their errors.
/// \throws as parse_device(), process_place() and ProcessGroup
[[nodiscard]] JoinedProcesses join_processes(const ProcessFlags& flags);

/// \throws Error{kUsage} when the processes' texts differ: they were started with different
///         commands, or see different files
void check_agreement(const ProcessGroup* group, const std::string& text);

}  // namespace robiq
