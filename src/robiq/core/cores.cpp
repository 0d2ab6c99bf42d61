#include "robiq/core/cores.h"

#include <sched.h>

namespace robiq {

std::int64_t usable_cores() noexcept {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (::sched_getaffinity(0, sizeof(mask), &mask) != 0) return 1;
  return CPU_COUNT(&mask);
}

}  // namespace robiq
