#pragma once
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/data/synthetic/scene/fractal_noise.h"
#include "robiq/data/synthetic/scene/palette.h"
#include "robiq/data/synthetic/scene/shape.h"

namespace robiq::synthetic {

/// What all parts of one scene share: its colours, textures and light.
struct SceneStyle {
  Rng rng;  ///< the scene's place in the randomness
  Palette palette;
  std::vector<NoiseTile> tiles;  ///< from soft to rough
  Point light;                   ///< towards the light
  float unit = 1;                ///< pixels that stand for one at size 256

  /// \param size  pixels of the scene's side
  SceneStyle(const Rng& scene, std::int64_t size);

  [[nodiscard]] const NoiseTile& soft() const { return tiles.front(); }
  [[nodiscard]] const NoiseTile& rough() const { return tiles.back(); }
  /// A surface of that colour, lit from the scene's light, with a texture or without.
  [[nodiscard]] Material material(RandomStream& random, const Colour& colour, float reach) const;
};

/// Uniform in [low, high) as float.
[[nodiscard]] inline float between(RandomStream& random, double low, double high) {
  return static_cast<float>(random.uniform(low, high));
}

}  // namespace robiq::synthetic
