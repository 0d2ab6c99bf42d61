#include "robiq/data/synthetic/scene/scene.h"

#include <algorithm>
#include <array>

#include "robiq/data/synthetic/scene/scene_parts.h"
#include "robiq/data/synthetic/scene/studio.h"

namespace robiq::synthetic {
namespace {

enum class Motif : std::uint64_t { kLandscape, kClutter, kStillLife, kTown, kSurface, kWriting };
constexpr std::uint64_t kMotifs = 6;

void landscape(Planes& canvas, const Studio& studio, RandomStream& random) {
  paint_sky(canvas, studio, random);
  const float ground = paint_hills(canvas, studio, random);
  const double top = static_cast<double>(ground) / static_cast<double>(canvas.height);
  if (random.uniform() < 0.4) paint_water(canvas, studio, random, ground);
  const Heap plants = {.cover = random.uniform(0.1, 0.7), .largest = 0.12, .top = top - 0.12};
  if (random.uniform() < 0.75) paint_leaves(canvas, studio, random, plants);
}

void clutter(Planes& canvas, const Studio& studio, RandomStream& random) {
  paint_wall(canvas, studio, random);
  Heap heap;
  heap.cover = random.uniform(1.2, 2.6);
  heap.largest = random.uniform(0.12, 0.35);
  heap.smallest = random.uniform(1.5, 4);
  paint_leaves(canvas, studio, random, heap);
}

void still_life(Planes& canvas, const Studio& studio, RandomStream& random) {
  paint_wall(canvas, studio, random);
  Heap large;
  large.cover = random.uniform(0.5, 1.1);
  large.smallest = 10;
  large.largest = random.uniform(0.3, 0.45);
  large.large_first = true;
  large.blur = random.uniform(0, 0.5);
  paint_leaves(canvas, studio, random, large);
  const Heap small = {.cover = random.uniform(0.02, 0.2), .smallest = 2.5, .largest = 0.08};
  if (random.uniform() < 0.5) paint_leaves(canvas, studio, random, small);
}

void town(Planes& canvas, const Studio& studio, RandomStream& random) {
  paint_sky(canvas, studio, random);
  const auto rows = static_cast<float>(canvas.height);
  paint_buildings(canvas, studio, random, rows * between(random, 0.7, 1.05));
  if (random.uniform() < 0.5) paint_buildings(canvas, studio, random, rows * 1.2F);
  if (random.uniform() < 0.4) paint_lettering(canvas, studio, random);
  const Heap street = {.cover = random.uniform(0.1, 0.5), .largest = 0.1, .top = 0.62};
  paint_leaves(canvas, studio, random, street);
}

void surface(Planes& canvas, const Studio& studio, RandomStream& random) {
  paint_wall(canvas, studio, random);
  if (random.uniform() < 0.6) paint_lattice(canvas, studio, random);
  Heap litter;
  litter.cover = random.uniform(0.1, 0.8);
  litter.smallest = random.uniform(1.5, 8);
  litter.largest = random.uniform(0.08, 0.3);
  if (random.uniform() < 0.8) paint_leaves(canvas, studio, random, litter);
}

void writing(Planes& canvas, const Studio& studio, RandomStream& random) {
  if (random.uniform() < 0.5) {
    clutter(canvas, studio, random);
  } else {
    paint_wall(canvas, studio, random);
  }
  paint_lettering(canvas, studio, random);
  if (random.uniform() < 0.5) paint_lettering(canvas, studio, random);
  const Heap litter = {.cover = random.uniform(0.02, 0.3), .smallest = 3, .largest = 0.15};
  if (random.uniform() < 0.6) paint_leaves(canvas, studio, random, litter);
}

/// A lens spreads each pixel a little: weights 1, 6, 1 along both axes.
void soften(Planes& picture) {
  const std::int64_t rows = picture.height, columns = picture.width;
  std::vector<float> line(static_cast<std::size_t>(std::max(rows, columns)));
  const auto pass = [&](float* first, std::int64_t count, std::int64_t step) {
    for (std::int64_t i = 0; i < count; ++i) line[static_cast<std::size_t>(i)] = first[i * step];
    for (std::int64_t i = 0; i < count; ++i) {
      const float before = line[static_cast<std::size_t>(std::max<std::int64_t>(i - 1, 0))];
      const float after = line[static_cast<std::size_t>(std::min(i + 1, count - 1))];
      first[i * step] = 0.125F * (before + after) + 0.75F * line[static_cast<std::size_t>(i)];
    }
  };
  for (std::int64_t c = 0; c < 3; ++c) {
    for (std::int64_t y = 0; y < rows; ++y) pass(picture.channel(c) + y * columns, columns, 1);
    for (std::int64_t x = 0; x < columns; ++x) pass(picture.channel(c) + x, rows, columns);
  }
}

/// A sensor's noise, a little stronger in the light: photographs have no perfectly flat parts, and
/// models that normalise contrast behave strangely on pictures that do.
void add_grain(Planes& picture, RandomStream& random) {
  const float strength = between(random, 2.0, 4.5) / 255.0F;
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
  auto left = static_cast<std::int64_t>(share * static_cast<double>(picture.area()));
  for (std::int64_t bin = 0; bin < kBins; ++bin) {
    left -= counts[static_cast<std::size_t>(bin)];
    if (left < 0) return 2.0F * (static_cast<float>(bin) + 0.5F) / kBins;
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

Planes render_scene(std::uint64_t seed, std::uint64_t scene, std::int64_t size) {
  const Rng at = Rng(seed).child("scene").child(scene);
  const Studio studio(at, size);
  RandomStream random(at.child("motif"));
  Planes canvas(size, size);
  switch (static_cast<Motif>((scene + Rng(seed).child("first motif").key()) % kMotifs)) {
    case Motif::kLandscape:
      landscape(canvas, studio, random);
      break;
    case Motif::kClutter:
      clutter(canvas, studio, random);
      break;
    case Motif::kStillLife:
      still_life(canvas, studio, random);
      break;
    case Motif::kTown:
      town(canvas, studio, random);
      break;
    case Motif::kSurface:
      surface(canvas, studio, random);
      break;
    case Motif::kWriting:
      writing(canvas, studio, random);
      break;
  }
  expose(canvas, random);
  RandomStream sensor(at.child("sensor"));
  add_grain(canvas, sensor);
  soften(canvas);
  return canvas;
}

}  // namespace robiq::synthetic
