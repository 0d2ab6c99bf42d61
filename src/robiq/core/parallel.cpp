#include "robiq/core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace robiq {

void for_each_index(std::int64_t count, std::int64_t threads,
                    const std::function<void(std::int64_t)>& work) {
  std::atomic<std::int64_t> next = 0;
  std::mutex lock;
  std::exception_ptr failure;
  const auto run = [&] {
    for (std::int64_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard guard(lock);
        if (failure == nullptr) failure = std::current_exception();
        next = count;
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    try {
      for (std::int64_t i = 1; i < std::min(threads, count); ++i) helpers.emplace_back(run);
    } catch (const std::system_error&) {  // the system has no more threads
    }
    run();
  }
  if (failure != nullptr) std::rethrow_exception(failure);
}

void for_each_range(std::int64_t count, std::int64_t least, std::int64_t threads,
                    const std::function<void(std::int64_t begin, std::int64_t end)>& work) {
  const std::int64_t ranges = std::clamp<std::int64_t>(count / std::max<std::int64_t>(1, least), 1,
                                                       std::max<std::int64_t>(1, threads));
  for_each_index(ranges, ranges, [&](std::int64_t range) {
    work(count * range / ranges, count * (range + 1) / ranges);
  });
}

}  // namespace robiq
