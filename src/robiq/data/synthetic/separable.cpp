#include "robiq/data/synthetic/separable.h"

#include <algorithm>

namespace robiq::synthetic {
namespace {

/// out[i] = weighted rows of `in`; whole rows are added, which compilers vectorise.
void filter_rows(const float* in, std::int64_t width, const std::vector<FilterTaps>& down,
                 float* out) {
  for (const FilterTaps& tap : down) {
    std::fill_n(out, width, 0.0F);
    const float* row = in + tap.first * width;
    for (const double weight : tap.weights) {
      const auto factor = static_cast<float>(weight);
      for (std::int64_t x = 0; x < width; ++x) out[x] += factor * row[x];
      row += width;
    }
    out += width;
  }
}

void transpose(const float* in, std::int64_t rows, std::int64_t columns, float* out) {
  constexpr std::int64_t kBlock = 16;
  for (std::int64_t top = 0; top < rows; top += kBlock) {
    for (std::int64_t left = 0; left < columns; left += kBlock) {
      for (std::int64_t y = top; y < std::min(rows, top + kBlock); ++y) {
        for (std::int64_t x = left; x < std::min(columns, left + kBlock); ++x) {
          out[x * rows + y] = in[y * columns + x];
        }
      }
    }
  }
}

}  // namespace

Planes filter_both(const Planes& picture, const std::vector<FilterTaps>& down,
                   const std::vector<FilterTaps>& across) {
  const auto rows = static_cast<std::int64_t>(down.size());
  const auto columns = static_cast<std::int64_t>(across.size());
  Planes out(rows, columns);
  std::vector<float> filtered(static_cast<std::size_t>(rows * picture.width));
  std::vector<float> turned(filtered.size());
  std::vector<float> both(static_cast<std::size_t>(rows * columns));
  for (std::int64_t c = 0; c < 3; ++c) {
    filter_rows(picture.channel(c), picture.width, down, filtered.data());
    transpose(filtered.data(), rows, picture.width, turned.data());
    filter_rows(turned.data(), rows, across, both.data());
    transpose(both.data(), columns, rows, out.channel(c));
  }
  return out;
}

}  // namespace robiq::synthetic
