#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/tensor/random.h"

namespace robiq {
namespace row_dropout_test {

at::Tensor dropped(const at::Tensor& input, double rate = 0.3) {
  seed_torch_globals(Rng(5));
  const at::Tensor once = row_dropout(input, rate, true);
  return row_dropout(once, rate, true);  // a second layer goes on with the same numbers
}

TEST(RowDropout, AloneItDrawsWhatLibTorchDraws) {
  const at::Tensor input = at::rand({6, 50});
  seed_torch_globals(Rng(5));
  const at::Tensor wanted = at::dropout(at::dropout(input, 0.3, true), 0.3, true);
  EXPECT_TRUE(at::allclose(dropped(input), wanted, 1e-6, 1e-7));
}

TEST(RowDropout, PartsOfABatchHaveTheMasksOfTheWhole) {
  const at::Tensor input = at::rand({7, 3, 5}) + 1;
  const at::Tensor whole = dropped(input);
  std::vector<at::Tensor> parts;
  for (const auto& [first, count] : {std::pair(0, 2), std::pair(2, 4), std::pair(6, 1)}) {
    const ScopedBatchRows rows(first, 7);
    parts.push_back(dropped(input.narrow(0, first, count)));
  }
  EXPECT_TRUE(at::equal(at::cat(parts), whole));
  EXPECT_TRUE(at::equal(dropped(input), whole)) << "the guard restores what was before it";
}

TEST(RowDropout, GuardsNest) {
  const at::Tensor input = at::ones({1, 64});
  const ScopedBatchRows outer(1, 4);
  const at::Tensor before = dropped(input);
  {
    const ScopedBatchRows inner(2, 4);
    EXPECT_FALSE(at::equal(dropped(input), before));
  }
  EXPECT_TRUE(at::equal(dropped(input), before));
}

TEST(RowDropout, InEvaluationAndAtRateZeroNothingIsDropped) {
  const at::Tensor input = at::rand({2, 8});
  EXPECT_TRUE(at::equal(row_dropout(input, 0.9, false), input));
  EXPECT_TRUE(at::equal(row_dropout(input, 0, true), input));
}

TEST(RowDropout, KeepsTheMean) {
  const at::Tensor dropped_ones = dropped(at::ones({100, 100}), 0.25);
  EXPECT_NEAR(dropped_ones.mean().item<double>(), 1, 0.03);
}

}  // namespace row_dropout_test
}  // namespace robiq
