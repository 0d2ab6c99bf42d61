#include "robiq/defense/purify/soft_jpeg.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/defense/purify/purifier.h"

namespace robiq {
namespace {

using JpegTable = std::array<int, 64>;

/// ITU T.81, Annex K.1.
constexpr JpegTable kLumaTable = {
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,  //
    14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,  //
    18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,  //
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
/// Its upper left corner; the rest is 99.
constexpr std::array<int, 16> kChromaCorner = {17, 18, 24, 47, 18, 21, 26, 66,
                                               24, 26, 56, 99, 47, 66, 99, 99};

constexpr JpegTable chroma_table() {
  JpegTable table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::size_t y = i / 8, x = i % 8;
    table[i] = y < 4 && x < 4 ? kChromaCorner[4 * y + x] : 99;
  }
  return table;
}

at::Tensor scaled_table(const JpegTable& table, std::int64_t quality, const at::Tensor& like) {
  const std::int64_t scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  std::vector<double> steps;
  for (const int step : table) {
    steps.push_back(
        static_cast<double>(std::clamp<std::int64_t>((step * scale + 50) / 100, 1, 255)));
  }
  return at::tensor(steps, at::kDouble).to(like.device(), like.scalar_type()).view({8, 8});
}

at::Tensor soft_round(const at::Tensor& values) {
  const at::Tensor rounded = values.detach().round();
  return with_gradient_of(rounded, (values - rounded).pow(3));
}

at::Tensor soft_clip(const at::Tensor& values, double low, double high) {
  constexpr double kLeak = 1e-3;
  const at::Tensor fixed = values.detach();
  const at::Tensor inside = fixed.ge(low).logical_and(fixed.le(high));
  return with_gradient_of(fixed.clamp(low, high), at::where(inside, values, kLeak * values));
}

/// The orthonormal cosine transform of 8 values, [8,8]; row u is the u-th frequency.
at::Tensor cosine_matrix(const at::Tensor& like) {
  std::vector<double> entries;
  for (int u = 0; u < 8; ++u) {
    for (int x = 0; x < 8; ++x) {
      const double scale = u == 0 ? std::sqrt(0.125) : 0.5;
      entries.push_back(scale * std::cos((2 * x + 1) * u * std::numbers::pi / 16));
    }
  }
  return at::tensor(entries, at::kDouble).to(like.device(), like.scalar_type()).view({8, 8});
}

/// Quantises every 8x8 block of planes [N,C,h,w], values 0 to 255; h and w are multiples of 8.
at::Tensor through_blocks(const at::Tensor& planes, const at::Tensor& steps) {
  const std::int64_t n = planes.size(0), c = planes.size(1), h = planes.size(2), w = planes.size(3);
  const at::Tensor cosines = cosine_matrix(planes);
  const at::Tensor blocks =
      (planes - 128).view({n, c, h / 8, 8, w / 8, 8}).permute({0, 1, 2, 4, 3, 5});
  const at::Tensor spectrum = at::matmul(at::matmul(cosines, blocks), cosines.t());
  const at::Tensor kept = soft_round(spectrum / steps) * steps;
  const at::Tensor back = at::matmul(at::matmul(cosines.t(), kept), cosines) + 128;
  return back.permute({0, 1, 2, 4, 3, 5}).reshape({n, c, h, w});
}

/// Multiplies the channels of [N,3,H,W] by a matrix.
at::Tensor mixed_channels(const at::Tensor& images, const std::array<double, 9>& entries) {
  const at::Tensor matrix =
      at::tensor(std::vector<double>(entries.begin(), entries.end()), at::kDouble)
          .to(images.device(), images.scalar_type())
          .view({3, 3, 1, 1});
  return at::conv2d(images, matrix);
}

/// JFIF; chroma about 0.
constexpr std::array<double, 9> kToYcc = {0.299, 0.587, 0.114,     -0.168736, -0.331264,
                                          0.5,   0.5,   -0.418688, -0.081312};
constexpr std::array<double, 9> kToRgb = {1, 0, 1.402, 1, -0.344136, -0.714136, 1, 1.772, 0};

at::Tensor halved_chroma(const at::Tensor& chroma) {
  constexpr std::int64_t kTaps = 3;
  constexpr double kSigma = 0.5;
  return at::avg_pool2d(gaussian_blur(chroma, kTaps, kSigma), {2, 2});
}

}  // namespace

at::Tensor soft_jpeg(const at::Tensor& images, std::int64_t quality) {
  check_purifier_side(images, kSoftJpegSide, "differentiable JPEG");
  constexpr std::int64_t kUnit = 16;
  const std::int64_t height = images.size(2), width = images.size(3);
  const at::Tensor padded =
      at::reflection_pad2d(255 * images, {0, kUnit - width % kUnit, 0, kUnit - height % kUnit});
  const at::Tensor ycc = mixed_channels(padded, kToYcc);
  const at::Tensor luma =
      through_blocks(ycc.narrow(1, 0, 1).contiguous(), scaled_table(kLumaTable, quality, images));
  const at::Tensor chroma = through_blocks(halved_chroma(ycc.narrow(1, 1, 2) + 128).contiguous(),
                                           scaled_table(chroma_table(), quality, images));
  const at::Tensor wide = at::upsample_bilinear2d(chroma, luma.sizes().slice(2), false) - 128;
  const at::Tensor rgb = soft_clip(mixed_channels(at::cat({luma, wide}, 1), kToRgb), 0, 255);
  return rgb.narrow(2, 0, height).narrow(3, 0, width) / 255;
}

}  // namespace robiq
