#pragma once
#include <array>
#include <cstdint>

#include "robiq/core/rng.h"
#include "robiq/data/synthetic/scene/fractal_noise.h"
#include "robiq/data/synthetic/scene/palette.h"
#include "robiq/data/synthetic/scene/planes.h"

namespace robiq::synthetic {

struct Point {
  float x = 0, y = 0;
};

/// A direction of length 1, without sine or cosine.
[[nodiscard]] Point draw_direction(RandomStream& random);

/// What a surface looks like under the scene's light.
struct Material {
  Colour colour;
  const NoiseTile* texture = nullptr;
  float roughness = 0;          ///< how strongly the texture changes brightness
  Point texture_step = {1, 1};  ///< texture pixels per picture pixel
  Point texture_origin = {0, 0};
  Point slope = {0, 0};  ///< relative change of brightness per pixel from the centre
  float roundness = 0;   ///< falls off towards the rim as on a ball, 0..1
};

enum class Outline { kEllipse, kBox, kLens, kPolygon, kBlob };

/// A flat thing: an outline about a centre.
struct Shape {
  Outline outline = Outline::kEllipse;
  Point centre;
  float along = 1, across = 1;     ///< half lengths, pixels; across <= along
  Point direction = {1, 0};        ///< of the long axis
  float softness = 1;              ///< width of its edge in pixels: 1 is sharp
  std::array<Point, 6> normals{};  ///< of a polygon's sides
  int sides = 0;
  const NoiseTile* wobble = nullptr;  ///< bends a blob's outline

  /// Gives it three to six sides.
  void make_polygon(RandomStream& random);
  /// Pixels from (x, y) to the outline, roughly; positive inside.
  [[nodiscard]] float depth(float x, float y) const noexcept;
  /// The circle about the centre that holds it.
  [[nodiscard]] float reach() const noexcept;
};

/// Covers the canvas with the shape; edges are antialiased.
void paint(Planes& canvas, const Shape& shape, const Material& material);

/// Darkens what lies under the shape, moved by `offset` and with a soft edge.
void cast_shadow(Planes& canvas, const Shape& shape, Point offset, float strength);

}  // namespace robiq::synthetic
