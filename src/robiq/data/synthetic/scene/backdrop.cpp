#include <algorithm>
#include <cmath>

#include "robiq/data/synthetic/scene/scene_parts.h"

namespace robiq::synthetic {
namespace {

void put(Planes& canvas, std::int64_t i, const Colour& colour, float share) {
  canvas.channel(0)[i] += share * (colour.r - canvas.channel(0)[i]);
  canvas.channel(1)[i] += share * (colour.g - canvas.channel(1)[i]);
  canvas.channel(2)[i] += share * (colour.b - canvas.channel(2)[i]);
}

/// 0 below a, 1 above b, smooth between.
float smooth(float a, float b, float x) {
  const float t = std::clamp((x - a) / (b - a), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

}  // namespace

void paint_sky(Planes& canvas, const SceneStyle& style, RandomStream& random) {
  const float cover = between(random, -1.2, 1.4);  // how much of the sky is clear
  const float thickness = between(random, 0.3, 0.95), stretch = between(random, 0.4, 0.8);
  const float lean = between(random, -0.3, 0.3);
  const Colour cloud = mix(style.palette.horizon, {1.0F, 0.99F, 0.97F}, 0.6F);
  const auto rows = static_cast<float>(canvas.height), columns = static_cast<float>(canvas.width);
  for (std::int64_t y = 0; y < canvas.height; ++y) {
    const float fall = static_cast<float>(y) / rows;
    for (std::int64_t x = 0; x < canvas.width; ++x) {
      const float side = lean * (static_cast<float>(x) / columns - 0.5F);
      const Colour air = mix(style.palette.zenith, style.palette.horizon,
                             std::clamp(1.2F * fall + side, 0.0F, 1.0F));
      const float px = static_cast<float>(x) * stretch, py = static_cast<float>(y);
      const float puff = style.soft().between(px, py) + 0.12F * style.rough().between(px, py);
      const std::int64_t i = y * canvas.width + x;
      put(canvas, i, air, 1);
      put(canvas, i, scaled(cloud, 1 - 0.12F * std::max(puff, 0.0F)),
          thickness * smooth(cover, cover + 1.6F, puff));
    }
  }
}

float paint_hills(Planes& canvas, const SceneStyle& style, RandomStream& random) {
  const auto rows = static_cast<float>(canvas.height);
  const int ranges = 2 + static_cast<int>(random.below(3));
  float level = between(random, 0.3, 0.55) * rows;
  for (int range = 0; range < ranges; ++range) {
    const float nearness = static_cast<float>(range + 1) / static_cast<float>(ranges);
    const Colour ground = style.palette.draw(random);
    const Material material =
        style.material(random, mix(style.palette.horizon, ground, 0.25F + 0.75F * nearness), rows);
    const float height = between(random, 0.03, 0.12) * rows, row = between(random, 0, 4096);
    const float step = between(random, 0.15, 0.6) / style.unit;
    for (std::int64_t x = 0; x < canvas.width; ++x) {
      const auto px = static_cast<float>(x);
      const float jag =
          style.soft().between(px * step, row) + 0.12F * nearness * style.rough().between(px, row);
      const float edge = level - height * jag;
      for (auto y = std::max<std::int64_t>(0, static_cast<std::int64_t>(edge) - 1);
           y < canvas.height; ++y) {
        const auto py = static_cast<float>(y);
        const float grain = style.rough().between(px, py * (1.6F - 0.8F * nearness) + row);
        const float light = 1 + 0.13F * nearness * grain + material.slope.y * (py - level) * 0.6F;
        put(canvas, y * canvas.width + x, scaled(material.colour, std::max(light, 0.1F)),
            std::clamp(py - edge + 0.5F, 0.0F, 1.0F));
      }
    }
    level += between(random, 0.08, 0.2) * rows;
  }
  return std::min(level, 0.85F * rows);
}

void paint_wall(Planes& canvas, const SceneStyle& style, RandomStream& random) {
  const Colour a = style.palette.draw(random), b = style.palette.draw(random);
  const NoiseTile& pattern = style.tiles[random.below(style.tiles.size())];
  const float amount = between(random, 0.05, 0.5), grain = between(random, 0.02, 0.16);
  const float stretch_x = random.uniform() < 0.3 ? between(random, 0.06, 0.25) : 1.0F;
  const float fall = between(random, 0.1, 0.7) / static_cast<float>(canvas.height);
  const float mid_x = 0.5F * static_cast<float>(canvas.width);
  const float mid_y = 0.5F * static_cast<float>(canvas.height);
  for (std::int64_t y = 0; y < canvas.height; ++y) {
    for (std::int64_t x = 0; x < canvas.width; ++x) {
      const auto px = static_cast<float>(x), py = static_cast<float>(y);
      const float share = 0.5F + amount * pattern.between(px * stretch_x, py);
      const float light = 1 + grain * style.rough().between(py, px) +
                          fall * (style.light.x * (px - mid_x) + style.light.y * (py - mid_y));
      put(canvas, y * canvas.width + x,
          scaled(mix(a, b, std::clamp(share, 0.0F, 1.0F)), std::max(light, 0.1F)), 1);
    }
  }
}

void paint_water(Planes& canvas, const SceneStyle& style, RandomStream& random, float top) {
  const Colour deep = mix(style.palette.zenith, style.palette.draw(random), 0.35F);
  const auto rows = static_cast<float>(canvas.height);
  const float choppy = between(random, 0.15, 0.4);
  for (auto y = std::max<std::int64_t>(0, static_cast<std::int64_t>(top)); y < canvas.height; ++y) {
    const auto py = static_cast<float>(y);
    const float near = std::clamp((py - top) / (rows - top + 1), 0.0F, 1.0F);
    // Waves are flattened by distance.
    const float rise = (py - top) * (6 - 4 * near) / (1 + near), run = 0.35F + 0.4F * (1 - near);
    for (std::int64_t x = 0; x < canvas.width; ++x) {
      const float wave = style.tiles[1].between(static_cast<float>(x) * run, rise);
      const Colour body = mix(style.palette.horizon, deep, 0.35F + 0.6F * near);
      const float light = 1 + choppy * (0.4F + 0.6F * near) * wave;
      put(canvas, y * canvas.width + x, scaled(body, std::max(light, 0.1F)),
          std::clamp(py - top + 0.5F, 0.0F, 1.0F));
    }
  }
}

}  // namespace robiq::synthetic
