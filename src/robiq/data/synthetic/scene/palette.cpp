#include "robiq/data/synthetic/scene/palette.h"

namespace robiq::synthetic {
namespace {

constexpr Colour rgb(int hex) {
  return {static_cast<float>(hex >> 16 & 255) / 255.0F, static_cast<float>(hex >> 8 & 255) / 255.0F,
          static_cast<float>(hex & 255) / 255.0F};
}

const std::vector<Palette>& palettes() {
  static const std::vector<Palette> all = {
      // meadow
      {rgb(0x4A7FBF),
       rgb(0xC9DDEA),
       {rgb(0x5C7A2E), rgb(0x8BA046), rgb(0x3B5323), rgb(0xB9B06A), rgb(0x6E5B3A), rgb(0xD8D2B0)},
       rgb(0xD9B310)},
      // forest
      {rgb(0xA9BCC0),
       rgb(0xDDE3D8),
       {rgb(0x26381F), rgb(0x3F5A2C), rgb(0x6B7F3C), rgb(0x4A3A28), rgb(0x7A664A), rgb(0x9DA66B)},
       rgb(0xA23B22)},
      // autumn
      {rgb(0x8FA6B5),
       rgb(0xE6DCC8),
       {rgb(0x8C4A1F), rgb(0xC4772B), rgb(0xE0A840), rgb(0x5B3A22), rgb(0x6A6B32), rgb(0x3A2A1E)},
       rgb(0xB3261A)},
      // coast
      {rgb(0x2F6FB3),
       rgb(0xBFD9E8),
       {rgb(0x1F5673), rgb(0x4F93A8), rgb(0xD9C7A0), rgb(0xA88F68), rgb(0xE9E5D8), rgb(0x54606A)},
       rgb(0xD2452D)},
      // desert
      {rgb(0x5E92C4),
       rgb(0xE4D5BC),
       {rgb(0xC98F5A), rgb(0xA5653A), rgb(0xE3BE8C), rgb(0x7A4A2E), rgb(0x8C7B62), rgb(0x5A5F3F)},
       rgb(0x3E8C86)},
      // town
      {rgb(0x7D96B0),
       rgb(0xDADFE2),
       {rgb(0x8E8B86), rgb(0xB9AFA0), rgb(0x5C5A5A), rgb(0xA2614A), rgb(0xD9D2C4), rgb(0x3C4248)},
       rgb(0xC9322B)},
      // dusk
      {rgb(0x33406B),
       rgb(0xF0A063),
       {rgb(0x3A2F3F), rgb(0x6B4A55), rgb(0x2B3346), rgb(0xA8675A), rgb(0x574A3A), rgb(0xD99A6C)},
       rgb(0xF2C14E)},
      // snow
      {rgb(0x86A7CC),
       rgb(0xEEF2F6),
       {rgb(0xE4EAF0), rgb(0xC3CFDB), rgb(0x8496A8), rgb(0x4B5A52), rgb(0x6A5D50), rgb(0xF4F5F3)},
       rgb(0xA8322E)},
      // fruit
      {rgb(0xD8CDBA),
       rgb(0xF2EBDD),
       {rgb(0xB22B25), rgb(0xE07B28), rgb(0xE8C33A), rgb(0x6F9A36), rgb(0x7A4B2F), rgb(0xD8B48A)},
       rgb(0x6B2F5B)},
      // wood
      {rgb(0x8A7C6C),
       rgb(0xD9CBB6),
       {rgb(0x6B4526), rgb(0x9A6B3F), rgb(0xC79C6B), rgb(0x3F2A1A), rgb(0xE0CDA9), rgb(0x7D7466)},
       rgb(0x2F6D73)},
      // stone
      {rgb(0x9AA3A8),
       rgb(0xD5D6D2),
       {rgb(0x77756F), rgb(0xA19C92), rgb(0x4E4D4B), rgb(0xC4BEB2), rgb(0x6A7256), rgb(0x8C7A68)},
       rgb(0xB5843A)},
      // night
      {rgb(0x0D1426),
       rgb(0x34405C),
       {rgb(0x1B2232), rgb(0x2E3546), rgb(0x4A4A52), rgb(0x6F5A3E), rgb(0xD9A84F), rgb(0x39424A)},
       rgb(0xF3DC9A)},
  };
  return all;
}

float drawn_between(RandomStream& random, double low, double high) {
  return static_cast<float>(random.uniform(low, high));
}

}  // namespace

Colour Palette::draw(RandomStream& random) const {
  if (random.uniform() < 0.05) return scaled(accent, drawn_between(random, 0.7, 1.15));
  const Colour a = things[random.below(things.size())];
  const Colour b = things[random.below(things.size())];
  const Colour mixed = mix(a, b, drawn_between(random, 0, 0.6));
  const float light = drawn_between(random, 0.55, 1.35),
              warmth = drawn_between(random, -0.06, 0.06);
  return {mixed.r * (light + warmth), mixed.g * light, mixed.b * (light - warmth)};
}

Palette draw_palette(RandomStream& random) {
  Palette palette = palettes()[random.below(palettes().size())];
  const float warmth = drawn_between(random, 0.94, 1.06), light = drawn_between(random, 0.9, 1.1);
  const auto change = [&](Colour& c) {
    c = {c.r * light * warmth, c.g * light, c.b * light / warmth};
  };
  change(palette.zenith);
  change(palette.horizon);
  change(palette.accent);
  for (Colour& thing : palette.things) change(thing);
  return palette;
}

}  // namespace robiq::synthetic
