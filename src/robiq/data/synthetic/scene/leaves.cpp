#include <algorithm>
#include <cmath>
#include <vector>

#include "robiq/data/synthetic/scene/scene_parts.h"

namespace robiq::synthetic {
namespace {

constexpr double kMostThings = 6000;

/// Density ~ 1/r^3 between the limits.
double draw_radius(RandomStream& random, double smallest, double largest) {
  const double ratio = smallest / largest;
  return smallest / std::sqrt(1 - random.uniform() * (1 - ratio * ratio));
}

Shape draw_shape(const Planes& canvas, const SceneStyle& style, RandomStream& random,
                 double radius) {
  Shape shape;
  shape.centre = {between(random, -0.05, 1.05) * static_cast<float>(canvas.width), 0};
  shape.direction = draw_direction(random);
  const double aspect = random.uniform(1, 2.5);
  shape.along = static_cast<float>(radius * std::sqrt(aspect));
  shape.across = static_cast<float>(radius / std::sqrt(aspect));
  shape.wobble = &style.soft();
  const double kind = random.uniform();
  if (kind < 0.22) {
    shape.outline = Outline::kEllipse;
  } else if (kind < 0.42) {
    shape.outline = Outline::kBox;
    if (random.uniform() < 0.4) shape.direction = {1, 0};
    if (random.uniform() < 0.2) shape.across *= 0.25F;  // sticks and wires
  } else if (kind < 0.6) {
    shape.outline = Outline::kLens;
  } else if (kind < 0.75) {
    shape.make_polygon(random);
  } else {
    shape.outline = radius > 4 ? Outline::kBlob : Outline::kEllipse;
  }
  shape.across = std::max(shape.across, 0.6F);
  return shape;
}

}  // namespace

void paint_leaves(Planes& canvas, const SceneStyle& style, RandomStream& random, const Heap& heap) {
  const double side = static_cast<double>(canvas.height), largest = heap.largest * side;
  const double area = heap.cover * static_cast<double>(canvas.area());
  std::vector<double> radii;
  for (double sum = 0; sum < area && static_cast<double>(radii.size()) < kMostThings;) {
    radii.push_back(draw_radius(random, heap.smallest, largest));
    sum += 3 * radii.back() * radii.back();
  }
  if (heap.large_first) std::sort(radii.rbegin(), radii.rend());
  const float shadow = between(random, 0, 0.5), above = static_cast<float>(heap.top * side);
  for (const double radius : radii) {
    Shape shape = draw_shape(canvas, style, random, radius);
    shape.centre.y = above + between(random, -0.02, 1.05) * (static_cast<float>(side) - above);
    if (random.uniform() < heap.blur) shape.softness = between(random, 2, 5) * style.unit;
    const auto reach = static_cast<float>(radius);
    const Material material = style.material(random, style.palette.draw(random), reach);
    if (radius > 5 && shadow > 0.1F) {
      const float away = -0.25F * std::min(reach, 24 * style.unit);
      cast_shadow(canvas, shape, {style.light.x * away, style.light.y * away}, shadow);
    }
    paint(canvas, shape, material);
  }
}

}  // namespace robiq::synthetic
