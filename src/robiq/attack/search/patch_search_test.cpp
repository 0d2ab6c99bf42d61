#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/attack/search/block_search.h"
#include "support/det.h"
#include "support/score_only_model.h"

namespace robiq {
namespace patch_search_test {

at::Tensor found_in(const at::Tensor& slope, const at::Tensor& picture, const PatchSearch& walk,
                    std::uint64_t seed) {
  test::ScoreOnlyModel model([&](const at::Tensor& x) { return 50 + (x * slope).sum({1, 2, 3}); });
  ScoreQueries queries(model, Objective::kUp, at::full({1}, 50), walk.queries,
                       [] { return false; });
  at::Tensor found = patch_search(queries, picture, walk, draws_at(Rng(seed)));
  EXPECT_EQ(queries.left(), 0);
  return found;
}

TEST(PatchSearch, ChangesOneSquareInPlainColours) {
  const at::Tensor picture = det::noise("p", 0.2, 0.8, {1, 3, 16, 20});
  const at::Tensor slope = det::noise("s", -1, 1, {1, 3, 16, 20});
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const at::Tensor found = found_in(slope, picture, {.area = 15, .queries = 60}, seed);
    const at::Tensor changed = (found != picture).any(1)[0];
    EXPECT_EQ(changed.sum().item<std::int64_t>(), 16) << "the side is rounded up";
    const at::Tensor places = changed.nonzero();
    const at::Tensor extent = std::get<0>(places.max(0)) - std::get<0>(places.min(0));
    EXPECT_TRUE(at::equal(extent, at::full({2}, 3, at::kLong)));
    EXPECT_EQ(found.ne(picture).logical_and(found.ne(0)).logical_and(found.ne(1)).sum().item<int>(),
              0);
  }
}

TEST(PatchSearch, FindsThePlaceAndTheColours) {
  // Red and blue are to be bright and green dark, most of all in the lower right corner.
  at::Tensor slope = at::full({1, 3, 16, 16}, 0.1);
  slope.narrow(2, 12, 4).narrow(3, 12, 4).fill_(1);
  slope.select(1, 1).neg_();
  const at::Tensor picture = at::full({1, 3, 16, 16}, 0.5);
  const at::Tensor found = found_in(slope, picture, {.area = 16, .queries = 1500}, 3);
  at::Tensor wanted = picture.clone();
  wanted.narrow(2, 12, 4).narrow(3, 12, 4).copy_((slope.narrow(2, 12, 4).narrow(3, 12, 4) > 0));
  EXPECT_TRUE(at::equal(found, wanted));
}

TEST(PatchSearch, ShrinksThePatchToAPictureThatIsSmaller) {
  const at::Tensor picture = at::full({1, 3, 5, 9}, 0.5);
  const at::Tensor found =
      found_in(at::ones_like(picture), picture, {.area = 100, .queries = 9}, 1);
  EXPECT_EQ((found != picture).any(1).sum().item<std::int64_t>(), 25);
}

}  // namespace patch_search_test
}  // namespace robiq
