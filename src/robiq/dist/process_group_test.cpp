#include "robiq/dist/process_group.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>

#include "support/errors.h"
#include "support/free_port.h"
#include "support/process_groups.h"

namespace robiq {
namespace process_group_test {

using test::place_of;
using test::run_as_group;

TEST(ProcessGroup, SumsAndSendsToAll) {
  SKIP_WITHOUT_PROCESS_GROUPS();
  run_as_group(3, [](const ProcessGroup& group) {
    const auto rank = static_cast<double>(group.rank());
    EXPECT_EQ(group.size(), 3);
    EXPECT_EQ(group.first(), rank == 0);
    at::Tensor tensor = at::full({2, 3}, rank + 1, at::kFloat);
    group.sum(tensor);
    EXPECT_TRUE(at::equal(tensor, at::full({2, 3}, 6.0, at::kFloat)));
    at::Tensor number = at::full({4}, 10 * rank + 7, at::kDouble);
    group.broadcast(number);
    EXPECT_TRUE(at::equal(number, at::full({4}, 7.0, at::kDouble)));
    EXPECT_TRUE(group.any(rank == 2));
    EXPECT_FALSE(group.any(false));
    group.barrier();
  });
}

TEST(ProcessGroup, GathersRowsByRankThoughSomeHaveMoreAndSomeNone) {
  SKIP_WITHOUT_PROCESS_GROUPS();
  run_as_group(3, [](const ProcessGroup& group) {
    const std::int64_t rows[] = {2, 0, 3};
    const auto mine = at::full({rows[group.rank()], 2}, group.rank(), at::kFloat);
    const std::vector<at::Tensor> all = group.gather(mine);
    ASSERT_EQ(all.size(), 3U);
    for (std::int64_t rank = 0; rank < 3; ++rank) {
      EXPECT_TRUE(at::equal(all[static_cast<std::size_t>(rank)],
                            at::full({rows[rank], 2}, rank, at::kFloat)));
    }
    EXPECT_EQ(group.gather(at::empty({0, 4})).at(1).numel(), 0);
  });
}

TEST(ProcessGroup, GathersTexts) {
  SKIP_WITHOUT_PROCESS_GROUPS();
  run_as_group(2, [](const ProcessGroup& group) {
    const std::string mine = group.first() ? "" : std::string("a\0b", 3);
    EXPECT_EQ(group.gather(mine), (std::vector<std::string>{"", std::string("a\0b", 3)}));
    EXPECT_EQ(group.broadcast(group.first() ? "first" : "other"), "first");
  });
}

TEST(ProcessGroup, OneThatDoesNotComeIsSaid) {
  SKIP_WITHOUT_PROCESS_GROUPS();
  const std::int64_t port = test::free_port();
  expect_error(ErrorKind::kDevice, {"did not all meet at 127.0.0.1:", "rank 0 of 2", "MASTER_PORT"},
               [&] {
                 const ProcessGroup alone(place_of(0, 2, port), c10::kCPU, {1, 1});
               });
}

TEST(ProcessGroup, OneThatNoLongerAnswersEndsTheOthers) {
  SKIP_WITHOUT_PROCESS_GROUPS();
  const std::int64_t port = test::free_port();
  std::jthread silent([&] {
    const ProcessGroup group(place_of(1, 2, port), c10::kCPU, {60, 60});
    std::this_thread::sleep_for(std::chrono::seconds(3));
  });
  const ProcessGroup group(place_of(0, 2, port), c10::kCPU, {1, 60});
  at::Tensor tensor = at::ones({2});
  expect_error(ErrorKind::kDevice,
               {"another process was lost while gradients were summed", "rank 0 of 2", "--resume"},
               [&] { group.sum(tensor); });
}

}  // namespace process_group_test
}  // namespace robiq
