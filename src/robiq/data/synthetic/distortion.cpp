#include "robiq/data/synthetic/distortion.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "robiq/data/synthetic/scene/scene_parts.h"
#include "robiq/tensor/resample.h"

namespace robiq::synthetic {
namespace {

struct Row {
  const char* name;
  std::array<double, kMostDistortionLevels> strengths;
};

/// Equal levels of different kinds have roughly equal pseudo-MOS, but for contrast, which SSIM
/// punishes harder than people do and is kept milder. The numbers of
/// quantize halve: see quantize().
const Row& row_of(Distortion kind) {
  static const std::array<Row, kDistortions.size()> rows = {{
      {"gaussian_blur", {0.5, 0.75, 1.1, 1.9, 3.2, 5.5}},
      {"white_noise", {0.008, 0.016, 0.03, 0.06, 0.11, 0.2}},
      {"jpeg", {80, 50, 25, 12, 6, 2}},
      {"resample", {1.3, 1.6, 2.0, 3.3, 5.5, 10.0}},
      {"contrast", {0.98, 0.95, 0.9, 0.83, 0.76, 0.69}},
      {"quantize", {64, 32, 16, 8, 4, 2}},
  }};
  return rows[static_cast<std::size_t>(kind)];
}

std::vector<FilterTaps> gaussian_taps(std::int64_t size, double sigma) {
  const auto radius = static_cast<std::int64_t>(std::ceil(3 * sigma));
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t i = -radius; i <= radius; ++i) {
    weights.push_back(std::exp(-0.5 * static_cast<double>(i * i) / (sigma * sigma)));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
  std::vector<FilterTaps> taps;
  for (std::int64_t i = 0; i < size; ++i) {
    // What would lie outside is the picture's edge.
    const std::int64_t first = std::clamp<std::int64_t>(i - radius, 0, size - 1);
    const std::int64_t last = std::clamp<std::int64_t>(i + radius, 0, size - 1);
    FilterTaps& tap = taps.emplace_back();
    tap.first = first;
    tap.weights.assign(static_cast<std::size_t>(last - first + 1), 0.0);
    for (std::int64_t k = -radius; k <= radius; ++k) {
      const std::int64_t from = std::clamp<std::int64_t>(i + k, 0, size - 1);
      tap.weights[static_cast<std::size_t>(from - first)] +=
          weights[static_cast<std::size_t>(k + radius)];
    }
  }
  return taps;
}

Planes blur(const Planes& picture, double sigma) {
  return filter_both(picture, gaussian_taps(picture.height, sigma),
                     gaussian_taps(picture.width, sigma));
}

Planes add_noise(const Planes& picture, double deviation, const Rng& noise) {
  const auto scale = static_cast<float>(deviation);
  Planes out = picture;
  RandomStream random(noise);
  for (float& value : out.values) value += scale * near_normal(random.bits());
  return out;
}

Planes resample(const Planes& picture, double factor) {
  const auto shrunk = [&](std::int64_t size) {
    const double exact = static_cast<double>(size) / factor;
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(exact + 0.5)));
  };
  const std::int64_t rows = shrunk(picture.height), columns = shrunk(picture.width);
  const Planes small = filter_both(picture, triangle_taps(picture.height, rows),
                                   triangle_taps(picture.width, columns));
  return filter_both(small, triangle_taps(rows, picture.height),
                     triangle_taps(columns, picture.width));
}

Planes reduce_contrast(const Planes& picture, double factor) {
  double sum = 0;
  for (const float value : picture.values) sum += static_cast<double>(value);
  const auto mean = static_cast<float>(sum / static_cast<double>(picture.values.size()));
  Planes out = picture;
  for (float& value : out.values) value = mean + static_cast<float>(factor) * (value - mean);
  return out;
}

constexpr std::size_t kBins = 256;

std::size_t bin_of(float value) { return static_cast<std::size_t>(value * 255 + 0.5F); }

/// Which of `cells` each bin falls into, when all cells hold about equally many values: a bin goes
/// where the middle of its values lies.
std::array<std::size_t, kBins> cells_of(const float* values, std::int64_t count, double cells) {
  std::array<double, kBins> shares{};
  for (std::int64_t i = 0; i < count; ++i) shares[bin_of(values[i])] += 1;
  std::array<std::size_t, kBins> cell{};
  double below = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const double middle = (below + 0.5 * shares[bin]) / static_cast<double>(count);
    cell[bin] = static_cast<std::size_t>(std::min(cells * middle, cells - 1));
    below += shares[bin];
  }
  return cell;
}

/// Replaces each value by the mean of its cell in that channel. Halving the number of cells joins
/// neighbours, so that every level loses some of what the one before had kept.
Planes quantize(const Planes& picture, double levels) {
  Planes out = picture;
  for (std::int64_t c = 0; c < 3; ++c) {
    float* values = out.channel(c);
    const auto cell = cells_of(values, out.area(), levels);
    std::array<double, kBins> sums{}, counts{};
    for (std::int64_t i = 0; i < out.area(); ++i) {
      sums[cell[bin_of(values[i])]] += static_cast<double>(values[i]);
      ++counts[cell[bin_of(values[i])]];
    }
    for (std::size_t k = 0; k < kBins; ++k) sums[k] /= std::max(1.0, counts[k]);
    for (std::int64_t i = 0; i < out.area(); ++i) {
      values[i] = static_cast<float>(sums[cell[bin_of(values[i])]]);
    }
  }
  return out;
}

Planes made_worse(const Planes& picture, Distortion kind, double strength, const Rng& noise) {
  switch (kind) {
    case Distortion::kGaussianBlur:
      return blur(picture, strength);
    case Distortion::kWhiteNoise:
      return add_noise(picture, strength, noise);
    case Distortion::kJpeg:
      return jpeg_blocks(picture, static_cast<int>(strength));
    case Distortion::kResample:
      return resample(picture, strength);
    case Distortion::kContrast:
      return reduce_contrast(picture, strength);
    case Distortion::kQuantize:
      break;
  }
  return quantize(picture, strength);
}

}  // namespace

std::string distortion_name(Distortion kind) { return row_of(kind).name; }

double distortion_strength(Distortion kind, int level, int levels) {
  const int milder = kMostDistortionLevels - levels;
  return row_of(kind).strengths[static_cast<std::size_t>(milder + level - 1)];
}

Planes distort(const Planes& picture, Distortion kind, double strength, const Rng& noise) {
  Planes out = made_worse(picture, kind, strength, noise);
  for (float& value : out.values) value = std::min(std::max(value, 0.0F), 1.0F);
  return out;
}

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
