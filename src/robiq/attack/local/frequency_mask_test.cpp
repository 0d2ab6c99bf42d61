#include "robiq/attack/local/frequency_mask.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "support/det.h"

namespace robiq {
namespace frequency_mask_test {

/// A place of a row of n values that is continued as a mirror does.
std::int64_t mirrored(std::int64_t i, std::int64_t n) {
  while (i < 0 || i >= n) i = i < 0 ? -i : 2 * (n - 1) - i;
  return i;
}

/// db2 by its formula, one value at a time. \param high  the high pass
double db2_tap(int k, bool high) {
  const double r = std::sqrt(3.0), s = 4 * std::sqrt(2.0);
  const double low[]{(1 + r) / s, (3 + r) / s, (3 - r) / s, (1 - r) / s};
  return high ? (k % 2 == 0 ? 1 : -1) * low[3 - k] : low[k];
}

/// One step of the transform of a row: place p of the low or high half.
double transformed(const std::function<double(std::int64_t)>& row, std::int64_t n, std::int64_t p,
                   bool high) {
  const std::int64_t added = 2 * ((n + 3) / 2 - 1) - n + 4;
  double sum = 0;
  for (int k = 0; k < 4; ++k) sum += db2_tap(k, high) * row(mirrored(2 * p + k - added / 2, n));
  return sum;
}

TEST(WaveletDetails, AreThoseOfTheFormula) {
  for (const auto& [height, width] : {std::pair<std::int64_t, std::int64_t>{12, 16}, {13, 9}}) {
    const at::Tensor picture = det::noise("w", 0, 1, {1, 3, height, width}).to(at::kDouble);
    const at::Tensor detail = wavelet_details(picture, 1).front();
    ASSERT_EQ(detail.sizes(), (at::IntArrayRef{1, 1, (height + 3) / 2, (width + 3) / 2}));
    const at::Tensor grey = picture.sum(1)[0];
    const auto value = [&](std::int64_t y, std::int64_t x, bool high_y, bool high_x) {
      const auto column = [&](std::int64_t i) {
        const auto row = [&](std::int64_t j) { return grey[i][j].item<double>(); };
        return transformed(row, grey.size(1), x, high_x);
      };
      return transformed(column, grey.size(0), y, high_y);
    };
    for (const auto& [y, x] : {std::pair<std::int64_t, std::int64_t>{0, 0}, {3, 2}, {5, 5}}) {
      const double wanted =
          value(y, x, false, true) + value(y, x, true, false) + value(y, x, true, true);
      EXPECT_NEAR(detail[0][0][y][x].item<double>(), wanted, 1e-12) << y << " " << x;
    }
  }
}

TEST(WaveletDetails, OfTheSecondLevelAreThoseOfWhatTheFirstLeaves) {
  const at::Tensor picture = det::noise("w", 0, 1, {2, 3, 20, 24});
  const std::vector<at::Tensor> two = wavelet_details(picture, 2);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_TRUE(at::equal(two[0], wavelet_details(picture, 1)[0]));
  EXPECT_EQ(two[1].sizes(), (at::IntArrayRef{2, 1, (11 + 3) / 2, (13 + 3) / 2}));
}

TEST(FrequencyMask, IsOneInTextureAndZeroWhereNothingChanges) {
  at::Tensor picture = at::full({1, 3, 32, 48}, 0.5);
  picture.narrow(3, 32, 16).copy_(det::noise("t", 0, 1, {1, 3, 32, 16}));
  const at::Tensor mask = frequency_mask(picture);
  EXPECT_EQ(mask.sizes(), (at::IntArrayRef{1, 1, 32, 48}));
  EXPECT_GE(mask.min().item<double>(), 0);
  EXPECT_LE(mask.max().item<double>(), 1);
  EXPECT_LT(mask.narrow(3, 0, 16).max().item<double>(), 1e-4);
  EXPECT_GT(mask.narrow(3, 36, 12).mean().item<double>(), 0.6);
}

TEST(FrequencyMask, OfAFlatPictureIsFinite) {
  const at::Tensor mask = frequency_mask(at::zeros({1, 3, 16, 16}));
  EXPECT_EQ(mask.abs().max().item<double>(), 0);
}

TEST(FrequencyMask, RowsAreIndependent) {
  const at::Tensor two = det::noise("r", 0, 1, {2, 3, 24, 24});
  EXPECT_TRUE(at::allclose(frequency_mask(two)[1], frequency_mask(two.narrow(0, 1, 1))[0]));
}

}  // namespace frequency_mask_test
}  // namespace robiq
