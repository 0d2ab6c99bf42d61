#include "robiq/data/synthetic/scene/shape.h"

#include <algorithm>
#include <cmath>

namespace robiq::synthetic {
namespace {

/// The pixels that a circle may touch, clipped to the canvas.
struct Box {
  std::int64_t left, right, top, bottom;

  Box(const Planes& canvas, Point centre, float reach)
      : left(first(centre.x - reach)),
        right(last(centre.x + reach, canvas.width)),
        top(first(centre.y - reach)),
        bottom(last(centre.y + reach, canvas.height)) {}

  static std::int64_t first(float place) {
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(place)));
  }
  static std::int64_t last(float place, std::int64_t size) {
    return std::min(size, static_cast<std::int64_t>(std::ceil(place)) + 1);
  }
};

float coverage(float depth, float softness) {
  return std::clamp(depth / softness + 0.5F, 0.0F, 1.0F);
}

/// Brightness at a pixel: slope, ball shading and texture.
float light_at(const Shape& shape, const Material& material, Point pixel) {
  const float x = pixel.x - shape.centre.x, y = pixel.y - shape.centre.y;
  float light = 1 + material.slope.x * x + material.slope.y * y;
  if (material.roundness > 0) {
    const float u = x * shape.direction.x + y * shape.direction.y;
    const float v = y * shape.direction.x - x * shape.direction.y;
    const float a = u / shape.along, b = v / shape.across;
    light *= 1 - material.roundness * std::min(1.0F, a * a + b * b);
  }
  if (material.texture != nullptr && material.roughness > 0) {
    light +=
        material.roughness *
        material.texture->between(material.texture_origin.x + pixel.x * material.texture_step.x,
                                  material.texture_origin.y + pixel.y * material.texture_step.y);
  }
  return std::max(light, 0.05F);
}

}  // namespace

Point draw_direction(RandomStream& random) {
  while (true) {
    const double x = random.uniform(-1, 1), y = random.uniform(-1, 1), square = x * x + y * y;
    if (square > 1 || square < 0.01) continue;
    const double length = std::sqrt(square);
    return {static_cast<float>(x / length), static_cast<float>(y / length)};
  }
}

void Shape::make_polygon(RandomStream& random) {
  // Cosine and sine of a full turn by 3, 4, 5 and 6.
  static constexpr std::array<Point, 4> kTurns = {
      {{-0.5F, 0.8660254F}, {0.0F, 1.0F}, {0.30901699F, 0.95105652F}, {0.5F, 0.8660254F}}};
  outline = Outline::kPolygon;
  sides = 3 + static_cast<int>(random.below(4));
  const Point turn = kTurns[static_cast<std::size_t>(sides - 3)];
  Point normal = draw_direction(random);
  for (int i = 0; i < sides; ++i) {
    const auto length = static_cast<float>(random.uniform(0.9, 1.3));
    normals[static_cast<std::size_t>(i)] = {normal.x * length, normal.y * length};
    normal = {normal.x * turn.x - normal.y * turn.y, normal.x * turn.y + normal.y * turn.x};
  }
}

float Shape::depth(float x, float y) const noexcept {
  const float dx = x - centre.x, dy = y - centre.y;
  const float u = dx * direction.x + dy * direction.y;
  const float v = dy * direction.x - dx * direction.y;
  switch (outline) {
    case Outline::kBox:
      return std::min(along - std::abs(u), across - std::abs(v));
    case Outline::kLens: {
      const float radius = (along * along + across * across) / (2 * across);
      const float far = std::abs(v) + radius - across;
      return radius - std::sqrt(u * u + far * far);
    }
    case Outline::kPolygon: {
      const float stretched = u * across / along;
      float nearest = across;
      for (int i = 0; i < sides; ++i) {
        const Point& normal = normals[static_cast<std::size_t>(i)];
        nearest = std::min(nearest, across - normal.x * stretched - normal.y * v);
      }
      return nearest;
    }
    case Outline::kBlob: {
      const float bend = 0.16F * wobble->between(x * 24 / along + centre.y, y * 24 / along);
      const float a = u / along, b = v / across;
      return (1 + bend - std::sqrt(a * a + b * b)) * across;
    }
    case Outline::kEllipse:
      break;
  }
  const float a = u / along, b = v / across;
  return (1 - std::sqrt(a * a + b * b)) * across;
}

float Shape::reach() const noexcept {
  const float largest = outline == Outline::kBlob      ? 1.5F * along
                        : outline == Outline::kBox     ? along + across
                        : outline == Outline::kPolygon ? 2.4F * along
                                                       : along;
  return largest + softness;
}

void paint(Planes& canvas, const Shape& shape, const Material& material) {
  const Box box(canvas, shape.centre, shape.reach());
  float* const red = canvas.channel(0);
  float* const green = canvas.channel(1);
  float* const blue = canvas.channel(2);
  for (std::int64_t y = box.top; y < box.bottom; ++y) {
    for (std::int64_t x = box.left; x < box.right; ++x) {
      const Point pixel = {static_cast<float>(x), static_cast<float>(y)};
      const float share = coverage(shape.depth(pixel.x, pixel.y), shape.softness);
      if (share <= 0) continue;
      const float light = light_at(shape, material, pixel);
      const std::int64_t i = y * canvas.width + x;
      red[i] += share * (material.colour.r * light - red[i]);
      green[i] += share * (material.colour.g * light - green[i]);
      blue[i] += share * (material.colour.b * light - blue[i]);
    }
  }
}

void cast_shadow(Planes& canvas, const Shape& shape, Point offset, float strength) {
  Shape shadow = shape;
  shadow.centre = {shape.centre.x + offset.x, shape.centre.y + offset.y};
  shadow.softness = std::max(2.0F, 0.5F * shape.across);
  const Box box(canvas, shadow.centre, shadow.reach());
  for (std::int64_t y = box.top; y < box.bottom; ++y) {
    for (std::int64_t x = box.left; x < box.right; ++x) {
      const float depth = shadow.depth(static_cast<float>(x), static_cast<float>(y));
      const float kept = 1 - strength * coverage(depth, shadow.softness);
      for (std::int64_t c = 0; c < 3; ++c) canvas.channel(c)[y * canvas.width + x] *= kept;
    }
  }
}

}  // namespace robiq::synthetic
