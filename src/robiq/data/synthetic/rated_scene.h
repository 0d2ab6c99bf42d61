#pragma once
#include <string>
#include <vector>

#include "robiq/data/synthetic/distortion.h"
#include "robiq/data/synthetic/scene/planes.h"

namespace robiq::synthetic {

/// A kind and a level; level 0 is the pristine picture.
struct Treatment {
  Distortion kind = Distortion::kGaussianBlur;
  int level = 0;
  int levels = kDistortionLevels;  ///< how many the kind has here

  /// "pristine" or "gaussian_blur-3". The number is the level of `levels`: names of sets with other
  /// levels mean other strengths.
  [[nodiscard]] std::string name() const;
};

/// Pristine, then every kind at every level.
/// \param levels  kDistortionLevels..kMostDistortionLevels
[[nodiscard]] std::vector<Treatment> all_treatments(int levels = kDistortionLevels);

/// A picture and its label.
struct RatedPicture {
  BytePlanes bytes;
  double mos = 0;  ///< 0..100, from the 8-bit pictures
};

/// The pristine picture under one treatment, in 8 bits. \param noise  position of its randomness
[[nodiscard]] BytePlanes treat(const BytePlanes& pristine, const Treatment& treatment,
                               const Rng& noise);

/// The picture under all_treatments(levels), in that order. Plain C++: a function of its arguments.
[[nodiscard]] std::vector<RatedPicture> rate_scene(const BytePlanes& pristine, const Rng& noise,
                                                   int levels = kDistortionLevels);

}  // namespace robiq::synthetic
