#pragma once
#include <cstdint>
#include <mutex>

#include "robiq/core/progress.h"

namespace robiq {

/// Several threads count on one progress line.
class SharedProgress {
 public:
  SharedProgress(const char* label, std::int64_t total, const char* unit)
      : progress_(label, total, unit) {}
  void add(std::int64_t count) {
    const std::lock_guard guard(lock_);
    progress_.update(done_ += count);
  }

 private:
  std::mutex lock_;
  std::int64_t done_ = 0;
  Progress progress_;
};

}  // namespace robiq
