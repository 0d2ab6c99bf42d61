#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/data/synthetic/scene/planes.h"

namespace robiq {

/// How photographs become scenes.
struct CutRule {
  std::int64_t size = 256;        ///< side of a scene, pixels
  std::int64_t short_side = 768;  ///< photographs with a longer short side are shrunk to it first
  std::int64_t per_photo = 4;     ///< at most so many scenes of one; 0: all
};

/// The square scenes of one photograph: a grid without overlap in its middle, without nearly flat
/// parts; where there are more than `per_photo`, some drawn at random. A photograph that is too
/// small, or flat everywhere, gives none. \throws Error{kData} when it cannot be read
[[nodiscard]] std::vector<synthetic::BytePlanes> cut_photograph(const std::filesystem::path& file,
                                                                const CutRule& rule, const Rng& at);

}  // namespace robiq
