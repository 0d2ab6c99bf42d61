#include "robiq/data/synthetic/scene/scene_style.h"

#include <algorithm>
#include <bit>

namespace robiq::synthetic {

SceneStyle::SceneStyle(const Rng& scene, std::int64_t size)
    : rng(scene), unit(static_cast<float>(size) / 256.0F) {
  RandomStream random(scene.child("studio"));  // another word would make other pictures
  palette = draw_palette(random);
  light = draw_direction(random);
  light.y = -std::max(light.y, -light.y);  // from above
  const auto side = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(size)));
  for (const float gain : {0.55F, 0.75F, 0.95F}) {
    tiles.emplace_back(scene.child("tile").child(tiles.size()), side, gain);
  }
}

Material SceneStyle::material(RandomStream& random, const Colour& colour, float reach) const {
  Material out;
  out.colour = colour;
  const float contrast = between(random, 0.05, 0.45) / std::max(reach, 1.0F);
  out.slope = {light.x * contrast, light.y * contrast};
  const double kind = random.uniform();
  if (kind < 0.25) out.roundness = between(random, 0.2, 0.7);
  if (kind > 0.35) {
    out.texture = &tiles[random.below(tiles.size())];
    out.roughness = between(random, 0.03, 0.22);
    const auto side = static_cast<double>(out.texture->side());
    out.texture_origin = {between(random, 0, side), between(random, 0, side)};
    const bool grained = random.uniform() < 0.3;  // wood, grass, brushed metal
    out.texture_step = {1, grained ? between(random, 0.08, 0.3) : 1};
    if (grained && random.uniform() < 0.5) std::swap(out.texture_step.x, out.texture_step.y);
  }
  return out;
}

}  // namespace robiq::synthetic
