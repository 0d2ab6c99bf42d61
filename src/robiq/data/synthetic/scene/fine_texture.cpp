#include <algorithm>
#include <cstdint>
#include <utility>

#include "robiq/data/synthetic/scene/scene_parts.h"

namespace robiq::synthetic {
namespace {

/// One kind of fine detail and where it lies.
struct Layer {
  NoiseTile detail;
  Point step = {1, 1};  ///< below 1 along one axis: fibres, grass
  Point place;          ///< of the map that says where there is much of it
  float strength = 0;
};

Layer draw_layer(const SceneStyle& style, RandomStream& random, const Rng& rng, float texture) {
  // From gravel, rough at every size, to cloth, whose finest threads are the strongest.
  const std::int64_t side = style.soft().side();
  Layer layer{.detail = NoiseTile(rng, side, between(random, 0.8, 1.6)), .place = {}};
  layer.strength = texture * between(random, 0, 0.5);
  if (random.uniform() < 0.4) layer.step.x = between(random, 0.15, 0.6);
  if (random.uniform() < 0.5) std::swap(layer.step.x, layer.step.y);
  layer.place = {between(random, 0, static_cast<double>(side)),
                 between(random, 0, static_cast<double>(side))};
  return layer;
}

void lay(Planes& canvas, const SceneStyle& style, const Layer& layer) {
  for (std::int64_t y = 0; y < canvas.height; ++y) {
    for (std::int64_t x = 0; x < canvas.width; ++x) {
      const auto px = static_cast<float>(x), py = static_cast<float>(y);
      const float map = style.soft().between(px + layer.place.x, py + layer.place.y);
      const float much = std::clamp(0.5F + 0.7F * map, 0.05F, 1.0F);
      const float light =
          1 + layer.strength * much * layer.detail.between(px * layer.step.x, py * layer.step.y);
      const std::int64_t i = y * canvas.width + x;
      for (std::int64_t c = 0; c < 3; ++c) canvas.channel(c)[i] *= std::max(light, 0.05F);
    }
  }
}

}  // namespace

void paint_texture(Planes& canvas, const SceneStyle& style, float texture) {
  RandomStream random(style.rng.child("texture"));
  for (std::uint64_t layer = 0; layer < 2; ++layer) {
    lay(canvas, style,
        draw_layer(style, random, style.rng.child("fine tile").child(layer), texture));
  }
}

}  // namespace robiq::synthetic
