#pragma once
#include <cstdint>

#include "robiq/data/synthetic/scene/planes.h"

namespace robiq::synthetic {

inline constexpr std::int64_t kSmallestScene = 64, kLargestScene = 1024;

/// Paints a picture with the statistics of photographs: things that hide one another with
/// power-law sizes, shading and 1/f textures, skies, hills, water, buildings, lattices and
/// writing, in proportions that differ from scene to scene; full range of brightness, antialiased.
/// Plain C++ loops: a pure function of its arguments, whatever the thread.
/// \param size  pixels of each side, kSmallestScene..kLargestScene; a larger size shows the same
///              kind of scene in more detail, not the same pixels enlarged
/// \param texture  0..1; above 0 surfaces have fine detail, and lens, grain and sharpness differ
///              from scene to scene, as they do among photographs
[[nodiscard]] Planes render_scene(std::uint64_t seed, std::uint64_t scene, std::int64_t size,
                                  double texture = 0);

}  // namespace robiq::synthetic
