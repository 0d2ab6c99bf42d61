#include "robiq/tensor/row_extremes.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

namespace robiq {
namespace {

void expect_those_of_libtorch(const at::Tensor& rows) {
  const RowExtremes places = row_extremes(rows);
  EXPECT_TRUE(places.largest.equal(std::get<1>(rows.max(-1))));
  EXPECT_TRUE(places.smallest.equal(std::get<1>(rows.min(-1))));
}

/// Values in an order without a pattern, each many times where there are more.
at::Tensor scattered(at::IntArrayRef shape, std::int64_t different, at::ScalarType type) {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) count *= side;
  const at::Tensor order = at::arange(count, at::kLong);
  return at::remainder(order * 7919 + order.square() * 31, different)
      .sub(different / 2)
      .view(shape)
      .to(type);
}

TEST(RowExtremes, AreWhereLibTorchFindsThem) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble, at::kBFloat16}) {
    for (const std::int64_t size : {1, 5, 16, 17, 31, 676}) {
      expect_those_of_libtorch(scattered({3, 50, size}, 100003, type));
    }
  }
}

TEST(RowExtremes, TheFirstOfEqualValuesCounts) {
  for (const std::int64_t size : {2, 16, 40, 676}) {
    expect_those_of_libtorch(scattered({200, size}, 5, at::kFloat));
    expect_those_of_libtorch(at::zeros({4, size}));
  }
}

TEST(RowExtremes, NanAndInfinityAreFound) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const std::int64_t place : {0, 7, 31, 32, 36}) {
    for (const float value : {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity}) {
      at::Tensor rows = scattered({6, 37}, 1009, at::kFloat);
      rows.select(1, place).fill_(value);
      rows.select(1, 34).fill_(value);
      expect_those_of_libtorch(rows);
    }
  }
}

TEST(RowExtremes, RowsNeedNotLieCloseTogether) {
  expect_those_of_libtorch(scattered({70, 9}, 1009, at::kFloat).t());
}

}  // namespace
}  // namespace robiq
