#pragma once
#include <array>
#include <vector>

#include "robiq/core/rng.h"

namespace robiq::synthetic {

/// sRGB in [0,1]; may leave the range while a scene is being painted.
struct Colour {
  float r = 0, g = 0, b = 0;
};

[[nodiscard]] constexpr Colour mix(const Colour& a, const Colour& b, float share_of_b) {
  return {a.r + share_of_b * (b.r - a.r), a.g + share_of_b * (b.g - a.g),
          a.b + share_of_b * (b.b - a.b)};
}
[[nodiscard]] constexpr Colour scaled(const Colour& a, float by) {
  return {a.r * by, a.g * by, a.b * by};
}
/// Rec. 601 luma.
[[nodiscard]] constexpr float luma(const Colour& a) {
  return 0.299F * a.r + 0.587F * a.g + 0.114F * a.b;
}

/// The colours that go together in one scene, as photographs have them: a sky, and what lies
/// under it.
struct Palette {
  Colour zenith, horizon;      ///< of the sky or the far light
  std::vector<Colour> things;  ///< of ground, plants, buildings, objects
  Colour accent;               ///< rare and saturated

  /// A colour of a thing: two of them mixed, lighter or darker, now and then the accent.
  [[nodiscard]] Colour draw(RandomStream& random) const;
};

/// One of the built-in palettes (meadow, forest, autumn, coast, desert, town, dusk, snow, fruit,
/// wood, stone, night), slightly changed.
[[nodiscard]] Palette draw_palette(RandomStream& random);

}  // namespace robiq::synthetic
