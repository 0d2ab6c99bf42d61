#include "robiq/data/synthetic/scene/camera.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "robiq/data/synthetic/scene/scene_parts.h"

namespace robiq::synthetic {
namespace {

/// Spreads each pixel along both axes: weights `side`, 1 - 2 side, `side`. A negative side
/// sharpens.
void spread(Planes& picture, float side) {
  const float middle = 1 - 2 * side;
  const std::int64_t rows = picture.height, columns = picture.width;
  std::vector<float> line(static_cast<std::size_t>(std::max(rows, columns)));
  const auto pass = [&](float* first, std::int64_t count, std::int64_t step) {
    for (std::int64_t i = 0; i < count; ++i) line[static_cast<std::size_t>(i)] = first[i * step];
    for (std::int64_t i = 0; i < count; ++i) {
      const float before = line[static_cast<std::size_t>(std::max<std::int64_t>(i - 1, 0))];
      const float after = line[static_cast<std::size_t>(std::min(i + 1, count - 1))];
      first[i * step] = side * (before + after) + middle * line[static_cast<std::size_t>(i)];
    }
  };
  for (std::int64_t c = 0; c < 3; ++c) {
    for (std::int64_t y = 0; y < rows; ++y) pass(picture.channel(c) + y * columns, columns, 1);
    for (std::int64_t x = 0; x < columns; ++x) pass(picture.channel(c) + x, rows, columns);
  }
}

/// A sensor's noise, a little stronger in the light: photographs have no perfectly flat parts, and
/// models that normalise contrast behave strangely on pictures that do.
void add_grain(Planes& picture, float strength, RandomStream& random) {
  for (float& value : picture.values) {
    value += strength * (0.5F + value) * near_normal(random.bits());
    value = std::clamp(value, 0.0F, 1.0F);
  }
}

/// The luma below which `share` of the picture lies.
float quantile(const Planes& picture, double share) {
  constexpr std::int64_t kBins = 512;  // of luma 0..2: colours may leave [0,1] while painting
  std::array<std::int64_t, kBins> counts{};
  for (std::int64_t i = 0; i < picture.area(); ++i) {
    const float value = luma({picture.channel(0)[i], picture.channel(1)[i], picture.channel(2)[i]});
    const auto bin = static_cast<std::int64_t>(value * kBins / 2);
    ++counts[static_cast<std::size_t>(std::clamp<std::int64_t>(bin, 0, kBins - 1))];
  }
  auto remaining = static_cast<std::int64_t>(share * static_cast<double>(picture.area()));
  for (std::int64_t bin = 0; bin < kBins; ++bin) {
    remaining -= counts[static_cast<std::size_t>(bin)];
    if (remaining < 0) return 2.0F * (static_cast<float>(bin) + 0.5F) / kBins;
  }
  return 2;
}

/// As a camera exposes: the darkest and the brightest parts near the ends of the range.
void expose(Planes& picture, RandomStream& random) {
  const float dark = quantile(picture, 0.01), bright = quantile(picture, 0.99);
  const float low = between(random, 0.0, 0.12), high = between(random, 0.8, 1.0);
  const float gain = std::min((high - low) / std::max(bright - dark, 0.01F), 2.5F);
  const float middle = 0.5F * (dark + bright), target = 0.5F * (low + high);
  for (float& value : picture.values) {
    value = std::clamp(target + gain * (value - middle), 0.0F, 1.0F);
  }
}

}  // namespace

Camera draw_camera(const Rng& scene) {
  RandomStream random(scene.child("camera"));
  Camera camera;
  camera.lens = between(random, 0, 0.25);
  // The product of two draws: most cameras are clean, a few are grainy.
  const float first = between(random, 0, 1), second = between(random, 0, 1);
  camera.least_grain = camera.most_grain = 6.0F * first * second;
  camera.finish = random.uniform() < 0.5 ? between(random, -0.2, 0) : between(random, 0, 0.125);
  return camera;
}

void take_picture(Planes& canvas, const Camera& camera, const Rng& scene, RandomStream& exposure) {
  expose(canvas, exposure);
  if (camera.lens > 0) spread(canvas, camera.lens);
  RandomStream sensor(scene.child("sensor"));
  add_grain(canvas, between(sensor, camera.least_grain, camera.most_grain) / 255.0F, sensor);
  spread(canvas, camera.finish);
  for (float& value : canvas.values) value = std::clamp(value, 0.0F, 1.0F);
}

}  // namespace robiq::synthetic
