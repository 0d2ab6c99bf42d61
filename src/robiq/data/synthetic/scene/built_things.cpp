#include <algorithm>
#include <cmath>

#include "robiq/data/synthetic/scene/scene_parts.h"

namespace robiq::synthetic {
namespace {

Shape box(Point centre, float half_width, float half_height, Point direction = {1, 0}) {
  Shape shape;
  shape.outline = Outline::kBox;
  shape.centre = centre;
  shape.along = half_width;
  shape.across = half_height;
  shape.direction = direction;
  return shape;
}

/// A place on a plane that is turned by `direction` about `origin`.
Point placed(Point origin, Point direction, float x, float y) {
  return {origin.x + x * direction.x - y * direction.y,
          origin.y + x * direction.y + y * direction.x};
}

/// A direction near the horizontal.
Point slightly_turned(RandomStream& random, double most) {
  const double slope = random.uniform(-most, most), length = std::sqrt(1 + slope * slope);
  return {static_cast<float>(1 / length), static_cast<float>(slope / length)};
}

void paint_windows(Planes& canvas, const SceneStyle& style, RandomStream& random,
                   const Shape& house) {
  const float pitch_x = between(random, 6, 14) * style.unit;
  const float pitch_y = between(random, 8, 18) * style.unit;
  const float fill_x = between(random, 0.25, 0.42) * pitch_x;
  const float fill_y = between(random, 0.2, 0.42) * pitch_y;
  const Colour glass = mix(style.palette.zenith, {0.06F, 0.07F, 0.09F}, between(random, 0.3, 0.9));
  for (float y = house.centre.y - house.across + pitch_y;
       y < house.centre.y + house.across - fill_y; y += pitch_y) {
    for (float x = house.centre.x - house.along + pitch_x;
         x < house.centre.x + house.along - fill_x; x += pitch_x) {
      Material pane;
      const bool lit = random.uniform() < 0.12;
      pane.colour =
          lit ? mix(glass, {0.98F, 0.9F, 0.62F}, 0.8F) : scaled(glass, between(random, 0.7, 1.3));
      paint(canvas, box({x, y}, fill_x, fill_y), pane);
    }
  }
}

struct Pen {
  Point origin, direction;
  float height, thickness;
  Material ink;
};

/// One sign of a writing that does not exist: some of the strokes of a seven-segment cell, a
/// diagonal or a ring.
void paint_letter(Planes& canvas, RandomStream& random, const Pen& pen, Point corner) {
  const float w = 0.55F * pen.height, h = pen.height, t = 0.5F * pen.thickness;
  const auto stroke = [&](float x, float y, float half_x, float half_y) {
    const Point centre = placed(pen.origin, pen.direction, corner.x + x, corner.y + y);
    paint(canvas, box(centre, half_x, half_y, pen.direction), pen.ink);
  };
  const std::uint64_t choice = random.bits();
  if ((choice & 1) != 0) stroke(t, h / 2, t, h / 2);
  if ((choice & 6) == 2) stroke(w - t, h / 2, t, h / 2);
  if ((choice & 24) == 8) stroke(w / 2, t, w / 2, t);
  if ((choice & 96) == 32) stroke(w / 2, h / 2, w / 2, t);
  if ((choice & 384) == 128) stroke(w / 2, h - t, w / 2, t);
  if ((choice & 1) == 0) {
    const Point centre = placed(pen.origin, pen.direction, corner.x + w / 2, corner.y + h / 2);
    const float sign = (choice & 512) != 0 ? 0.87F : -0.87F;
    const Point slant = placed({0, 0}, pen.direction, 0.5F, sign);
    paint(canvas, box(centre, h / 2, t, slant), pen.ink);
  }
}

}  // namespace

void paint_buildings(Planes& canvas, const SceneStyle& style, RandomStream& random, float ground) {
  const auto columns = static_cast<float>(canvas.width), rows = static_cast<float>(canvas.height);
  float x = between(random, -40, 0) * style.unit;
  while (x < columns) {
    const float width = between(random, 28, 90) * style.unit;
    const float height = between(random, 0.15, 0.75) * rows;
    const Shape house = box({x + width / 2, ground - height / 2}, width / 2, height / 2);
    paint(canvas, house, style.material(random, style.palette.draw(random), height));
    if (random.uniform() < 0.85) paint_windows(canvas, style, random, house);
    x += width * between(random, 0.7, 1.25);
  }
}

void paint_lettering(Planes& canvas, const SceneStyle& style, RandomStream& random) {
  const auto side = static_cast<float>(canvas.width);
  const float half_width = between(random, 0.18, 0.5) * side;
  const float half_height = between(random, 0.12, 0.4) * side;
  const Point centre = {between(random, 0.25, 0.75) * side, between(random, 0.25, 0.75) * side};
  const Point direction = slightly_turned(random, random.uniform() < 0.5 ? 0.02 : 0.25);
  const bool dark = random.uniform() < 0.35;
  const Colour pale = mix(style.palette.draw(random), {0.97F, 0.95F, 0.9F}, 0.75F);
  const Colour deep = mix(style.palette.draw(random), {0.06F, 0.06F, 0.08F}, 0.7F);
  paint(canvas, box(centre, half_width, half_height, direction),
        style.material(random, dark ? deep : pale, half_width));
  Pen pen;
  pen.direction = direction;
  pen.ink.colour = dark ? pale : deep;
  float y = -half_height + 6 * style.unit;
  while (true) {
    pen.height = between(random, 5, random.uniform() < 0.3 ? 26 : 11) * style.unit;
    pen.thickness = std::max(1.0F, pen.height * between(random, 0.1, 0.2));
    if (y + pen.height > half_height - 2) break;
    pen.origin = centre;
    const float end = half_width * between(random, 0.5, 0.95);
    for (float x = -half_width + 6 * style.unit; x + 0.6F * pen.height < end;) {
      if (random.uniform() > 0.16) paint_letter(canvas, random, pen, {x, y});
      x += 0.78F * pen.height;
    }
    y += 1.5F * pen.height;
  }
}

void paint_lattice(Planes& canvas, const SceneStyle& style, RandomStream& random) {
  const auto side = static_cast<float>(canvas.width);
  const Point origin = {between(random, 0.3, 0.7) * side, between(random, 0.3, 0.7) * side};
  const Point direction = slightly_turned(random, 0.6);
  const float half = between(random, 0.2, 0.6) * side;
  const float pitch_x = between(random, 5, 26) * style.unit;
  const float pitch_y = pitch_x * between(random, 0.4, 1.1);
  const float fill = between(random, 0.3, 0.47);
  const bool staggered = random.uniform() < 0.5;
  const Colour body = style.palette.draw(random);
  Material material = style.material(random, body, half);
  material.slope = {0, 0};
  paint(canvas, box(origin, half, half, direction),
        style.material(random, style.palette.draw(random), half));
  int row = 0;
  for (float y = -half + pitch_y; y < half - pitch_y / 2; y += pitch_y, ++row) {
    const float shift = staggered && row % 2 == 1 ? pitch_x / 2 : 0;
    for (float x = -half + pitch_x + shift; x < half - pitch_x / 2; x += pitch_x) {
      material.colour = scaled(body, between(random, 0.8, 1.2));
      paint(canvas, box(placed(origin, direction, x, y), fill * pitch_x, fill * pitch_y, direction),
            material);
    }
  }
}

}  // namespace robiq::synthetic
