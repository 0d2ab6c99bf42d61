#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "robiq/app/study/study_plan.h"

namespace robiq {

/// Where a cell is worked on.
struct StudyPlace {
  std::string device;
  std::int64_t threads = 0;
  /// Called with the run of an evaluation, once it has one.
  std::function<void(std::int64_t run)> began;
};

/// Does one cell in this process, alone, and goes on where an earlier start of it was cut off.
/// \throws what the cell's command throws; Interrupted when the user stops it
void work_on(const StudyCell& cell, const StudyPlace& place);

}  // namespace robiq
