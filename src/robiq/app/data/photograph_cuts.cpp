#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "robiq/app/data/data_run.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/resample.h"

namespace robiq {
namespace {

using synthetic::BytePlanes;

at::Tensor shrunk(const at::Tensor& picture, std::int64_t short_side) {
  const std::int64_t height = picture.size(1), width = picture.size(2);
  const std::int64_t shorter = std::min(height, width);
  if (shorter <= short_side) return picture;
  const auto scaled = [&](std::int64_t side) {
    return std::lround(static_cast<double>(side * short_side) / static_cast<double>(shorter));
  };
  return resize_bytes(picture, scaled(height), scaled(width));
}

BytePlanes cut(const at::Tensor& picture, std::int64_t top, std::int64_t left, std::int64_t size) {
  const std::int64_t height = picture.size(1), width = picture.size(2);
  const auto* bytes = picture.data_ptr<std::uint8_t>();
  BytePlanes out = {size, size, {}};
  for (std::int64_t c = 0; c < 3; ++c) {
    for (std::int64_t y = 0; y < size; ++y) {
      const std::uint8_t* row = bytes + (c * height + top + y) * width + left;
      out.values.insert(out.values.end(), row, row + size);
    }
  }
  return out;
}

/// Clear sky or a bare wall: no distortion shows on it but noise. Looks at the green plane.
bool nearly_flat(const BytePlanes& scene) {
  constexpr double kLeastDeviation = 8, kLeastDetail = 1.2;  // of 255; detail: between neighbours
  const std::uint8_t* green = scene.values.data() + scene.height * scene.width;
  double sum = 0, squares = 0, differences = 0;
  for (std::int64_t i = 0; i < scene.height * scene.width; ++i) {
    const double value = green[i];
    sum += value;
    squares += value * value;
    if (i % scene.width != 0) differences += std::abs(value - static_cast<double>(green[i - 1]));
  }
  const auto area = static_cast<double>(scene.height * scene.width), mean = sum / area;
  return std::sqrt(std::max(0.0, squares / area - mean * mean)) < kLeastDeviation ||
         differences / area < kLeastDetail;
}

}  // namespace

std::vector<BytePlanes> cut_photograph(const std::filesystem::path& file, const CutRule& rule,
                                       const Rng& rng) {
  const at::Tensor picture = shrunk(read_picture(file), rule.short_side);
  const std::int64_t down = picture.size(1) / rule.size, across = picture.size(2) / rule.size;
  const std::int64_t top = (picture.size(1) - down * rule.size) / 2;
  const std::int64_t left = (picture.size(2) - across * rule.size) / 2;
  std::vector<BytePlanes> scenes;
  for (std::int64_t i = 0; i < down * across; ++i) {
    const std::int64_t y = top + i / across * rule.size, x = left + i % across * rule.size;
    BytePlanes scene = cut(picture, y, x, rule.size);
    if (!nearly_flat(scene)) scenes.push_back(std::move(scene));
  }
  RandomStream(rng).shuffle(scenes);
  const auto most = static_cast<std::size_t>(rule.per_photo);
  if (most > 0 && scenes.size() > most) scenes.resize(most);
  return scenes;
}

}  // namespace robiq
