#include "robiq/data/synthetic/scene/scene.h"

#include "robiq/data/synthetic/scene/camera.h"
#include "robiq/data/synthetic/scene/scene_parts.h"
#include "robiq/data/synthetic/scene/scene_style.h"

namespace robiq::synthetic {
namespace {

enum class Motif : std::uint64_t { kLandscape, kClutter, kStillLife, kTown, kSurface, kWriting };
constexpr std::uint64_t kMotifs = 6;

void landscape(Planes& canvas, const SceneStyle& style, RandomStream& random) {
  paint_sky(canvas, style, random);
  const float ground = paint_hills(canvas, style, random);
  const double top = static_cast<double>(ground) / static_cast<double>(canvas.height);
  if (random.uniform() < 0.4) paint_water(canvas, style, random, ground);
  const Heap plants = {.cover = random.uniform(0.1, 0.7), .largest = 0.12, .top = top - 0.12};
  if (random.uniform() < 0.75) paint_leaves(canvas, style, random, plants);
}

void clutter(Planes& canvas, const SceneStyle& style, RandomStream& random) {
  paint_wall(canvas, style, random);
  Heap heap;
  heap.cover = random.uniform(1.2, 2.6);
  heap.largest = random.uniform(0.12, 0.35);
  heap.smallest = random.uniform(1.5, 4);
  paint_leaves(canvas, style, random, heap);
}

void still_life(Planes& canvas, const SceneStyle& style, RandomStream& random) {
  paint_wall(canvas, style, random);
  Heap large;
  large.cover = random.uniform(0.5, 1.1);
  large.smallest = 10;
  large.largest = random.uniform(0.3, 0.45);
  large.large_first = true;
  large.blur = random.uniform(0, 0.5);
  paint_leaves(canvas, style, random, large);
  const Heap small = {.cover = random.uniform(0.02, 0.2), .smallest = 2.5, .largest = 0.08};
  if (random.uniform() < 0.5) paint_leaves(canvas, style, random, small);
}

void town(Planes& canvas, const SceneStyle& style, RandomStream& random) {
  paint_sky(canvas, style, random);
  const auto rows = static_cast<float>(canvas.height);
  paint_buildings(canvas, style, random, rows * between(random, 0.7, 1.05));
  if (random.uniform() < 0.5) paint_buildings(canvas, style, random, rows * 1.2F);
  if (random.uniform() < 0.4) paint_lettering(canvas, style, random);
  const Heap street = {.cover = random.uniform(0.1, 0.5), .largest = 0.1, .top = 0.62};
  paint_leaves(canvas, style, random, street);
}

void surface(Planes& canvas, const SceneStyle& style, RandomStream& random) {
  paint_wall(canvas, style, random);
  if (random.uniform() < 0.6) paint_lattice(canvas, style, random);
  Heap litter;
  litter.cover = random.uniform(0.1, 0.8);
  litter.smallest = random.uniform(1.5, 8);
  litter.largest = random.uniform(0.08, 0.3);
  if (random.uniform() < 0.8) paint_leaves(canvas, style, random, litter);
}

void writing(Planes& canvas, const SceneStyle& style, RandomStream& random) {
  if (random.uniform() < 0.5) {
    clutter(canvas, style, random);
  } else {
    paint_wall(canvas, style, random);
  }
  paint_lettering(canvas, style, random);
  if (random.uniform() < 0.5) paint_lettering(canvas, style, random);
  const Heap litter = {.cover = random.uniform(0.02, 0.3), .smallest = 3, .largest = 0.15};
  if (random.uniform() < 0.6) paint_leaves(canvas, style, random, litter);
}

}  // namespace

Planes render_scene(std::uint64_t seed, std::uint64_t scene, std::int64_t size, double texture) {
  const Rng scene_rng = Rng(seed).child("scene").child(scene);
  const SceneStyle style(scene_rng, size);
  RandomStream random(scene_rng.child("motif"));
  Planes canvas(size, size);
  switch (static_cast<Motif>((scene + Rng(seed).child("first motif").key()) % kMotifs)) {
    case Motif::kLandscape:
      landscape(canvas, style, random);
      break;
    case Motif::kClutter:
      clutter(canvas, style, random);
      break;
    case Motif::kStillLife:
      still_life(canvas, style, random);
      break;
    case Motif::kTown:
      town(canvas, style, random);
      break;
    case Motif::kSurface:
      surface(canvas, style, random);
      break;
    case Motif::kWriting:
      writing(canvas, style, random);
      break;
  }
  if (texture > 0) paint_texture(canvas, style, static_cast<float>(texture));
  take_picture(canvas, texture > 0 ? draw_camera(scene_rng) : Camera{}, scene_rng, random);
  return canvas;
}

}  // namespace robiq::synthetic
