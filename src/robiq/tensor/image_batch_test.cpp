#include "robiq/tensor/image_batch.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace robiq {
namespace {

TEST(ToFloat, DividesBytesBy255) {
  const at::Tensor bytes = at::tensor({0, 51, 255}, at::kByte);
  EXPECT_TRUE(at::equal(to_float(bytes), at::tensor({0.0F, 0.2F, 1.0F})));
}

TEST(ToFloat, LeavesWhatItIsGivenAsItWas) {
  const at::Tensor levels = at::tensor({0.0F, 51.0F, 255.0F});
  const at::Tensor before = levels.clone();
  EXPECT_TRUE(at::equal(to_float(levels), at::tensor({0.0F, 0.2F, 1.0F})));
  EXPECT_TRUE(at::equal(levels, before));
}

}  // namespace
}  // namespace robiq
