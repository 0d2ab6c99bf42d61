#include "robiq/attack/search/block_search.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/det.h"
#include "support/score_only_model.h"

namespace robiq {
namespace block_search_test {

at::Tensor slope() { return det::noise("slope", -1, 1, {1, 3, 8, 12}); }

test::ScoreOnlyModel linear_model() {
  return test::ScoreOnlyModel([](const at::Tensor& x) {
    return 50 + (x * slope()).sum({1, 2, 3});
  });
}

TEST(BlockSearch, FindsTheBestCornerOfALinearScore) {
  auto model = linear_model();
  const at::Tensor picture = at::full({1, 3, 8, 12}, 0.5);
  ScoreQueries queries(model, Objective::kUp, at::full({1}, 50), 100000, [] { return false; });
  const at::Tensor found =
      block_search(queries, picture, {.epsilon = 0.1, .block = 4, .batch = 10}, draws_at(Rng(1)));
  EXPECT_LT((found - (picture + 0.1 * slope().sign())).abs().max().item<double>(), 1e-6);
  EXPECT_GT(queries.left(), 90000) << "it ends where a pass over single pixels changes nothing";
}

TEST(BlockSearch, FlipsWholeBlocksFirst) {
  auto model = linear_model();
  const at::Tensor picture = at::full({1, 3, 8, 12}, 0.5);
  // The start, 18 blocks of 4 x 4 in one batch and at most as many again: no smaller block is
  // tried.
  ScoreQueries queries(model, Objective::kUp, at::full({1}, 50), 19, [] { return false; });
  const at::Tensor found =
      block_search(queries, picture, {.epsilon = 0.1, .block = 4, .batch = 18}, draws_at(Rng(1)));
  const at::Tensor cells = found.view({3, 2, 4, 3, 4});
  EXPECT_LT((cells - cells.mean({2, 4}, true)).abs().max().item<double>(), 1e-6);
  const at::Tensor sums = slope().view({3, 2, 4, 3, 4}).sum({2, 4});
  // One flip needs no query beyond the first gains: that of the block with the largest.
  EXPECT_EQ((cells.select(2, 0).select(3, 0) > 0.5).sum().item<std::int64_t>(), 1);
  EXPECT_GT(
      cells.select(2, 0).select(3, 0).flatten()[sums.argmax().item<std::int64_t>()].item<double>(),
      0.5);
  EXPECT_EQ(queries.left(), 0);
}

TEST(BlockSearch, MovesEveryValueByEpsilonOrToTheEnd) {
  auto model = linear_model();
  const at::Tensor picture = det::noise("p", 0, 1, {1, 3, 8, 12});
  ScoreQueries queries(model, Objective::kDown, at::full({1}, 50), 200, [] { return false; });
  const at::Tensor moved =
      block_search(queries, picture, {.epsilon = 0.1, .grid = 4, .block = 2}, draws_at(Rng(1))) -
      picture;
  const at::Tensor low = at::maximum(-picture, at::full({}, -0.1)),
                   high = at::minimum(1 - picture, at::full({}, 0.1));
  EXPECT_LT(at::minimum((moved - low).abs(), (moved - high).abs()).max().item<double>(), 1e-6);
}

}  // namespace block_search_test
}  // namespace robiq
