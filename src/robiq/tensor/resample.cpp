#include "robiq/tensor/resample.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "robiq/core/error.h"

namespace robiq {
namespace {

constexpr int kFractionBits = 22;
constexpr std::int32_t kHalf = std::int32_t{1} << (kFractionBits - 1);

struct FixedTaps {
  std::int64_t first = 0;
  std::vector<std::int32_t> weights;
};

std::vector<FixedTaps> fixed_taps(std::int64_t from, std::int64_t to) {
  std::vector<FixedTaps> fixed;
  for (const FilterTaps& taps : triangle_taps(from, to)) {
    FixedTaps& out = fixed.emplace_back();
    out.first = taps.first;
    for (const double weight : taps.weights) {  // a triangle has no negative weights
      out.weights.push_back(static_cast<std::int32_t>(0.5 + weight * (1 << kFractionBits)));
    }
  }
  return fixed;
}

std::uint8_t clip(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

/// \param in  rows x from   \param out  rows x taps.size()
void resize_rows(const std::uint8_t* in, std::int64_t rows, std::int64_t from,
                 const std::vector<FixedTaps>& taps, std::uint8_t* out) {
  for (std::int64_t row = 0; row < rows; ++row, in += from) {
    for (const FixedTaps& tap : taps) {
      const std::uint8_t* pixel = in + tap.first;
      std::int32_t sum = kHalf;
      for (const std::int32_t weight : tap.weights) sum += weight * *pixel++;
      *out++ = clip(sum);
    }
  }
}

/// \param in  one plane, from x width   \param out  taps.size() x width
void resize_columns(const std::uint8_t* in, std::int64_t width, const std::vector<FixedTaps>& taps,
                    std::uint8_t* out) {
  std::vector<std::int32_t> sums(static_cast<std::size_t>(width));
  for (const FixedTaps& tap : taps) {
    std::fill(sums.begin(), sums.end(), kHalf);
    const std::uint8_t* row = in + tap.first * width;
    for (const std::int32_t weight : tap.weights) {
      for (std::size_t x = 0; x < sums.size(); ++x) sums[x] += weight * row[x];
      row += width;
    }
    out = std::transform(sums.begin(), sums.end(), out, clip);
  }
}

void check(const at::Tensor& bytes, std::int64_t height, std::int64_t width) {
  const bool good = bytes.defined() && bytes.scalar_type() == at::kByte && bytes.dim() == 3 &&
                    bytes.size(0) == 3 && bytes.numel() > 0 && height > 0 && width > 0;
  if (good) return;
  std::ostringstream what;
  what << "cannot resize ";
  if (bytes.defined()) {
    what << bytes.scalar_type() << " " << bytes.sizes();
  } else {
    what << "an undefined tensor";
  }
  what << " to " << height << "x" << width;
  throw Error(ErrorKind::kData,
              {what.str(), "resize_bytes()", "give uint8 [3,H,W] and sizes above 0"});
}

}  // namespace

std::vector<FilterTaps> triangle_taps(std::int64_t from, std::int64_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double support = std::max(scale, 1.0);
  std::vector<FilterTaps> all;
  all.reserve(static_cast<std::size_t>(to));
  for (std::int64_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const auto low = std::max<std::int64_t>(static_cast<std::int64_t>(centre - support + 0.5), 0);
    const auto high =
        std::min<std::int64_t>(static_cast<std::int64_t>(centre + support + 0.5), from);
    FilterTaps& taps = all.emplace_back();
    taps.first = low;
    double sum = 0;
    for (std::int64_t j = low; j < high; ++j) {
      const double distance = std::abs((static_cast<double>(j) - centre + 0.5) / support);
      taps.weights.push_back(std::max(0.0, 1.0 - distance));
      sum += taps.weights.back();
    }
    for (double& weight : taps.weights) weight /= sum;
  }
  return all;
}

at::Tensor resize_bytes(const at::Tensor& bytes, std::int64_t height, std::int64_t width) {
  check(bytes, height, width);
  at::Tensor planes = bytes.contiguous();
  const std::int64_t from_height = bytes.size(1), from_width = bytes.size(2);
  if (width != from_width) {
    const at::Tensor wide = at::empty({3, from_height, width}, at::kByte);
    resize_rows(planes.data_ptr<std::uint8_t>(), 3 * from_height, from_width,
                fixed_taps(from_width, width), wide.data_ptr<std::uint8_t>());
    planes = wide;
  }
  if (height == from_height) return planes.is_same(bytes) ? bytes.clone() : planes;
  const at::Tensor out = at::empty({3, height, width}, at::kByte);
  const std::vector<FixedTaps> taps = fixed_taps(from_height, height);
  for (std::int64_t c = 0; c < 3; ++c) {
    resize_columns(planes.data_ptr<std::uint8_t>() + c * from_height * width, width, taps,
                   out.data_ptr<std::uint8_t>() + c * height * width);
  }
  return out;
}

namespace {

/// The filter of one axis as a matrix, [to, from].
at::Tensor filter_matrix(std::int64_t from, std::int64_t to, const at::Tensor& like) {
  const at::Tensor matrix = at::zeros({to, from}, at::kDouble);
  double* row = matrix.data_ptr<double>();
  for (const FilterTaps& taps : triangle_taps(from, to)) {
    std::copy(taps.weights.begin(), taps.weights.end(), row + taps.first);
    row += from;
  }
  return matrix.to(like.device(), like.scalar_type());
}

}  // namespace

at::Tensor resize_float(const at::Tensor& images, std::int64_t height, std::int64_t width) {
  at::Tensor resized = images;
  if (images.size(3) != width) {
    resized = at::matmul(resized, filter_matrix(images.size(3), width, images).t());
  }
  if (images.size(2) != height) {
    resized = at::matmul(filter_matrix(images.size(2), height, images), resized);
  }
  return resized;
}

}  // namespace robiq
