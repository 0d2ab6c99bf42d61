#include "robiq/core/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace robiq {
namespace parallel_test {

TEST(ForEachIndex, CallsEachIndexOnce) {
  for (const std::int64_t threads : {1, 2, 7}) {
    std::vector<std::atomic<int>> calls(100);
    for_each_index(100, threads, [&](std::int64_t i) { ++calls[static_cast<std::size_t>(i)]; });
    for (const auto& count : calls) EXPECT_EQ(count, 1);
  }
  for_each_index(0, 4, [](std::int64_t) { FAIL() << "nothing was to be done"; });
}

TEST(ForEachIndex, PassesAnExceptionOnAndBeginsNothingMore) {
  for (const std::int64_t threads : {1, 2}) {
    std::atomic<int> calls = 0;
    const auto run = [&] {
      for_each_index(1000, threads, [&](std::int64_t i) {
        ++calls;
        if (i == 3) throw std::runtime_error("three");
      });
    };
    EXPECT_THROW(run(), std::runtime_error);
    EXPECT_TRUE(threads > 1 || calls == 4) << calls;
  }
}

TEST(ForEachRange, CoversEachIndexOnce) {
  for (const std::int64_t count : {0, 1, 5, 100}) {
    for (const std::int64_t threads : {1, 3, 8}) {
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
      for_each_range(count, 2, threads, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) ++calls[static_cast<std::size_t>(i)];
      });
      for (const auto& one : calls) EXPECT_EQ(one, 1);
    }
  }
}

TEST(ForEachRange, StartsAThreadForEachShareThatIsLargeEnough) {
  const auto threads_for = [](std::int64_t count) {
    std::mutex lock;
    std::set<std::thread::id> threads;
    for_each_range(count, 10, 2, [&](std::int64_t begin, std::int64_t end) {
      EXPECT_GE(end - begin, std::min<std::int64_t>(count, 10));
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      const std::lock_guard guard(lock);
      threads.insert(std::this_thread::get_id());
    });
    return threads.size();
  };
  EXPECT_EQ(threads_for(19), 1U);
  EXPECT_EQ(threads_for(20), 2U);
  EXPECT_EQ(threads_for(1000), 2U);
}

}  // namespace parallel_test
}  // namespace robiq
