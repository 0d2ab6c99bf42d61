#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "robiq/core/rng.h"
#include "robiq/data/synthetic/scene/planes.h"

namespace robiq::synthetic {

/// The ways in which a pristine picture is made worse.
enum class Distortion {
  kGaussianBlur,  ///< sigma in pixels
  kWhiteNoise,    ///< added to every sample by itself; standard deviation in 0..1
  kJpeg,          ///< 8x8 DCT quantisation at a JPEG quality (jpeg_blocks.h)
  kResample,      ///< shrunk by a factor and enlarged again, triangle filter
  kContrast,      ///< drawn towards the mean by a factor
  kQuantize       ///< a number of values per channel, about equally common
};

inline constexpr std::array kDistortions = {Distortion::kGaussianBlur, Distortion::kWhiteNoise,
                                            Distortion::kJpeg,         Distortion::kResample,
                                            Distortion::kContrast,     Distortion::kQuantize};
/// Levels count from 1, mild, to this, severe.
inline constexpr int kDistortionLevels = 4;

/// "gaussian_blur", "white_noise", "jpeg", "resample", "contrast", "quantize".
[[nodiscard]] std::string distortion_name(Distortion kind);

/// The kind's parameter at a level, in the unit its comment names.
[[nodiscard]] double distortion_strength(Distortion kind, int level);

/// A distorted copy, values in [0,1]. Plain C++ loops, deterministic.
/// \param level  1..kDistortionLevels   \param noise  position of white noise's numbers
[[nodiscard]] Planes distort(const Planes& picture, Distortion kind, int level, const Rng& noise);

}  // namespace robiq::synthetic
