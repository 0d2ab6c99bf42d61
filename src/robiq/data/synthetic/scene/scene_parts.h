#pragma once
#include <cstdint>

#include "robiq/data/synthetic/scene/planes.h"
#include "robiq/data/synthetic/scene/scene_style.h"

namespace robiq::synthetic {

/// A sky from zenith to horizon, with clouds or without.
void paint_sky(Planes& canvas, const SceneStyle& style, RandomStream& random);

/// Two to four ranges of hills below the sky, hazier with distance.
/// \return the row of pixels where the nearest ground begins
float paint_hills(Planes& canvas, const SceneStyle& style, RandomStream& random);

/// A surface that fills the picture: two colours mixed by a texture, under slanting light.
void paint_wall(Planes& canvas, const SceneStyle& style, RandomStream& random);

/// Water with waves from row `top` downwards.
void paint_water(Planes& canvas, const SceneStyle& style, RandomStream& random, float top);

/// A row of buildings with windows that stand on row `ground`.
void paint_buildings(Planes& canvas, const SceneStyle& style, RandomStream& random, float ground);

/// A sign or page: a plane with lines of strokes that look like writing.
void paint_lettering(Planes& canvas, const SceneStyle& style, RandomStream& random);

/// A fence, a lattice, tiles or bricks: a grid of one thing, seen straight or slanted.
void paint_lattice(Planes& canvas, const SceneStyle& style, RandomStream& random);

/// How a heap of things lies.
struct Heap {
  double cover = 2;       ///< their area, in pictures
  double smallest = 1.5;  ///< pixels, whatever the size of the picture
  double largest = 0.25;  ///< of the picture's side
  double top = 0;         ///< they lie below this share of the picture's height
  bool large_first = false;
  double blur = 0.1;  ///< share of things out of focus
};

/// Things that hide one another, their sizes by the inverse cube law of the dead-leaves model (Lee,
/// Mumford and Huang, 2001), which has the statistics of natural pictures.
void paint_leaves(Planes& canvas, const SceneStyle& style, RandomStream& random, const Heap& heap);

/// Fine detail on every surface, of two kinds, strong in some places and weak in others.
/// \param texture  0..1; how strong it is at most
void paint_texture(Planes& canvas, const SceneStyle& style, float texture);

/// Nearly normal with mean 0 and standard deviation 1: the sum of eight uniform bytes, at most 4.9
/// deviations from 0. One call of a random stream a number, and no function whose last bit depends
/// on the machine.
[[nodiscard]] inline float near_normal(std::uint64_t bits) {
  constexpr std::uint64_t kEvenBytes = 0x00FF00FF00FF00FFULL, kOnes = 0x0001000100010001ULL;
  constexpr float kMean = 8 * 127.5F;
  constexpr float kDeviation = 209.020F;  // sqrt(8 (256^2 - 1) / 12)
  const std::uint64_t pairs = (bits & kEvenBytes) + (bits >> 8 & kEvenBytes);
  return (static_cast<float>(static_cast<int>(pairs * kOnes >> 48)) - kMean) / kDeviation;
}

}  // namespace robiq::synthetic
