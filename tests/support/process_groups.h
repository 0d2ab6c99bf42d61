#pragma once
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "robiq/dist/process_group.h"
#include "support/free_port.h"

namespace robiq::test {

/// One rank of some that meet on this machine.
inline ProcessPlace place_of(std::int64_t rank, std::int64_t world, std::int64_t port) {
  ProcessPlace place;
  place.rank = rank;
  place.world = place.local_world = world;
  place.launcher = "a test";
  place.address = "127.0.0.1";
  place.port = port;
  return place;
}

/// Runs `work` as every rank of a group, each in a thread of this process.
inline void run_as_group(std::int64_t world, const std::function<void(const ProcessGroup&)>& work) {
  const std::int64_t port = free_port();
  std::vector<std::jthread> ranks;
  for (std::int64_t rank = 0; rank < world; ++rank) {
    ranks.emplace_back([=, &work] {
      try {
        work(ProcessGroup(place_of(rank, world, port), c10::kCPU, Patience{60, 60}));
      } catch (const std::exception& error) {
        ADD_FAILURE() << error.what();
      }
    });
  }
}

}  // namespace robiq::test

#define SKIP_WITHOUT_PROCESS_GROUPS() \
  if (std::string why; !ProcessGroup::available(&why)) GTEST_SKIP() << why
