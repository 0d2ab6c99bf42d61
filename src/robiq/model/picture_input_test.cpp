#include "robiq/model/picture_input.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/tensor/resample.h"
#include "support/errors.h"

namespace robiq {
namespace picture_input_test {

/// A picture of 20 x 10 whose values all differ somewhere.
at::Tensor small_picture() {
  return at::arange(3 * 10 * 20).remainder(256).to(at::kByte).view({3, 10, 20});
}

at::Tensor input_of(const at::Tensor& bytes, std::int64_t min_side, const ViewPolicy& policy,
                    bool fit) {
  ModelCard card;
  card.min_side = min_side;
  return picture_input(bytes, card, policy, fit, c10::kCPU);
}

TEST(PictureInput, IsThePictureInUnitRange) {
  const at::Tensor input = input_of(small_picture(), 1, {}, false);
  EXPECT_TRUE(at::equal(input, small_picture().to(at::kFloat).div(255).unsqueeze(0)));
}

TEST(PictureInput, IsEnlargedOnlyWhereAsked) {
  const at::Tensor as_is = input_of(small_picture(), 1, {}, false);
  EXPECT_TRUE(at::equal(input_of(small_picture(), 32, {}, false), as_is));
  EXPECT_TRUE(at::equal(input_of(small_picture(), 10, {}, true), as_is));
  EXPECT_EQ(input_of(small_picture(), 32, {}, true).sizes(), at::IntArrayRef({1, 3, 32, 64}));
  const ViewPolicy crops{.kind = ViewPolicy::Kind::kGrid, .side = 15, .rows = 1, .columns = 1};
  EXPECT_EQ(input_of(small_picture(), 1, crops, true).sizes(), at::IntArrayRef({1, 3, 15, 30}));
}

TEST(PictureInput, WouldNotBecomeAGiant) {
  expect_error(ErrorKind::kData, {"30000x1 would become too large", "--fit", "less unequal"}, [] {
    static_cast<void>(input_of(at::zeros({3, 1, 30000}, at::kByte), 224, {}, true));
  });
}

TEST(PictureInput, HasTheSizeThatThePolicyNames) {
  const ViewPolicy policy{.resize_height = 6, .resize_width = 9};
  const at::Tensor input = input_of(small_picture(), 1, policy, false);
  const at::Tensor wanted = resize_bytes(small_picture(), 6, 9).to(at::kFloat).div(255);
  EXPECT_TRUE(at::equal(input[0], wanted));
}

}  // namespace picture_input_test
}  // namespace robiq
