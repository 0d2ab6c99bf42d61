#include "robiq/tensor/video/yuv.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "support/errors.h"

namespace robiq {
namespace yuv_test {

using Rgb = std::array<int, 3>;

YuvFormat format_of(YuvFormat::Matrix matrix, int bits, bool full_range) {
  YuvFormat format;
  format.width = 1;
  format.height = 1;
  format.bits = bits;
  format.chroma = YuvFormat::Chroma::k444;
  format.matrix = matrix;
  format.full_range = full_range;
  return format;
}

/// One pixel of these samples as RGB.
Rgb pixel(const YuvFormat& format, const std::array<int, 3>& samples) {
  std::vector<std::byte> memory;
  for (const int sample : samples) {
    memory.push_back(static_cast<std::byte>(sample & 255));
    if (format.bits > 8) memory.push_back(static_cast<std::byte>(sample >> 8));
  }
  const at::Tensor rgb = yuv_to_rgb(format, packed_planes(format, memory.data())).to(at::kInt);
  return {rgb[0][0][0].item<int>(), rgb[1][0][0].item<int>(), rgb[2][0][0].item<int>()};
}

/// The nearest samples of the standard's own equations, computed the other way round.
std::array<int, 3> samples_of(const Rgb& rgb, const YuvFormat& format) {
  const bool hd = format.matrix == YuvFormat::Matrix::kBt709;
  const double kr = hd ? 0.2126 : 0.299, kb = hd ? 0.0722 : 0.114;
  const double r = rgb[0] / 255.0, g = rgb[1] / 255.0, b = rgb[2] / 255.0;
  const double y = kr * r + (1 - kr - kb) * g + kb * b;
  const double u = (b - y) / (2 * (1 - kb)), v = (r - y) / (2 * (1 - kr));
  const double step = 1 << (format.bits - 8), largest = (1 << format.bits) - 1;
  const auto rounded = [](double value) { return static_cast<int>(value + 0.5); };
  if (format.full_range) {
    return {rounded(largest * y), rounded(128 * step + largest * u),
            rounded(128 * step + largest * v)};
  }
  return {rounded(step * (16 + 219 * y)), rounded(step * (128 + 224 * u)),
          rounded(step * (128 + 224 * v))};
}

TEST(Yuv, IsUndoneForEveryMatrixRangeAndDepth) {
  for (const auto matrix : {YuvFormat::Matrix::kBt601, YuvFormat::Matrix::kBt709}) {
    for (const int bits : {8, 10, 12}) {
      for (const bool full_range : {false, true}) {
        const YuvFormat format = format_of(matrix, bits, full_range);
        for (const Rgb& rgb : {Rgb{0, 0, 0}, Rgb{255, 255, 255}, Rgb{200, 30, 90},
                               Rgb{12, 240, 100}, Rgb{5, 60, 250}}) {
          const Rgb back = pixel(format, samples_of(rgb, format));
          const int tolerance = bits == 8 ? 2 : 1;
          for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(back.at(c), rgb.at(c), tolerance);
        }
      }
    }
  }
}

TEST(Yuv, KnowsTheColourBarsOfTheStandards) {
  EXPECT_EQ(pixel(format_of(YuvFormat::Matrix::kBt601, 8, false), {81, 90, 240}), (Rgb{254, 0, 0}));
  EXPECT_EQ(pixel(format_of(YuvFormat::Matrix::kBt601, 8, false), {235, 128, 128}),
            (Rgb{255, 255, 255}));
  EXPECT_EQ(pixel(format_of(YuvFormat::Matrix::kBt601, 8, false), {255, 128, 128}),
            (Rgb{255, 255, 255}))
      << "above the range";
}

TEST(Yuv, AChromaSampleServesThePixelsThatItCovers) {
  YuvFormat format = format_of(YuvFormat::Matrix::kBt601, 8, true);
  format.width = 3;
  format.height = 3;
  format.chroma = YuvFormat::Chroma::k420;
  EXPECT_EQ(format.frame_bytes(), 9 + 4 + 4);
  std::vector<std::byte> memory(17, std::byte{128});
  memory[9 + 3] = std::byte{228};  // U of the last block, one pixel
  const at::Tensor blue = yuv_to_rgb(format, packed_planes(format, memory.data()))[2];
  const at::Tensor changed = blue.ne(128);
  EXPECT_EQ(changed.sum().item<int>(), 1);
  EXPECT_TRUE(changed[2][2].item<bool>());
  format.chroma = YuvFormat::Chroma::k422;
  EXPECT_EQ(format.frame_bytes(), 9 + 6 + 6);
}

TEST(Yuv, RefusesOtherDepthsAndEmptyPictures) {
  YuvFormat format = format_of(YuvFormat::Matrix::kBt601, 7, true);
  expect_error(ErrorKind::kData, {"7 bits", "*", "*"},
               [&] { static_cast<void>(yuv_to_rgb(format, {})); });
  format.bits = 8;
  format.height = 0;
  expect_error(ErrorKind::kData, {"1 x 0", "*", "*"},
               [&] { static_cast<void>(yuv_to_rgb(format, {})); });
}

}  // namespace yuv_test
}  // namespace robiq
