#include "robiq/data/synthetic/scene/fractal_noise.h"

#include <algorithm>
#include <cmath>

namespace robiq::synthetic {
namespace {

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

/// Doubles one axis of a periodic grid with the quadratic B-spline's weights (1, 3, 3, 1) / 4.
/// \param step  between neighbours on the axis   \param line  between lines
void double_axis(const std::vector<float>& in, std::vector<float>& out, std::int64_t side,
                 bool along_x, std::int64_t other_side) {
  for (std::int64_t other = 0; other < other_side; ++other) {
    for (std::int64_t i = 0; i < side; ++i) {
      const std::int64_t before = (i + side - 1) % side, after = (i + 1) % side;
      const auto value = [&](std::int64_t k) {
        return in[index(along_x ? other * side + k : k * other_side + other)];
      };
      const float middle = 0.75F * value(i);
      const float low = middle + 0.25F * value(before), high = middle + 0.25F * value(after);
      if (along_x) {
        out[index(other * 2 * side + 2 * i)] = low;
        out[index(other * 2 * side + 2 * i + 1)] = high;
      } else {
        out[index(2 * i * other_side + other)] = low;
        out[index((2 * i + 1) * other_side + other)] = high;
      }
    }
  }
}

}  // namespace

NoiseTile::NoiseTile(const Rng& rng, std::int64_t side, float gain)
    : side_(side), mask_(side - 1), values_(16) {
  RandomStream random(rng);
  const auto draw = [&random] { return static_cast<float>(random.uniform(-1, 1)); };
  std::generate(values_.begin(), values_.end(), draw);
  float amplitude = 1;
  for (std::int64_t n = 4; n < side; n *= 2) {
    std::vector<float> wide(index(2 * n * n)), full(index(4 * n * n));
    double_axis(values_, wide, n, true, n);
    double_axis(wide, full, n, false, 2 * n);
    amplitude *= gain;
    for (float& value : full) value += amplitude * draw();
    values_ = std::move(full);
  }
  double sum = 0, squares = 0;
  for (const float value : values_) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  const double mean = sum / static_cast<double>(values_.size());
  const double deviation = std::sqrt(squares / static_cast<double>(values_.size()) - mean * mean);
  for (float& value : values_) {
    const double scaled = (static_cast<double>(value) - mean) / deviation;
    value = static_cast<float>(std::clamp(scaled, -3.0, 3.0));
  }
}

float NoiseTile::between(float x, float y) const noexcept {
  const float left = std::floor(x), top = std::floor(y);
  const auto i = static_cast<std::int64_t>(left), j = static_cast<std::int64_t>(top);
  const float across = x - left, down = y - top;
  const float upper = at(i, j) + across * (at(i + 1, j) - at(i, j));
  const float lower = at(i, j + 1) + across * (at(i + 1, j + 1) - at(i, j + 1));
  return upper + down * (lower - upper);
}

}  // namespace robiq::synthetic
