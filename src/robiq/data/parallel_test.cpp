#include "robiq/data/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
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

}  // namespace parallel_test
}  // namespace robiq
