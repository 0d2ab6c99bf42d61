#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/data/synthetic/scene/planes.h"
#include "robiq/tensor/resample.h"

namespace robiq::synthetic {

/// The ways in which a pristine picture is made worse.
enum class Distortion {
  kGaussianBlur,  ///< sigma in pixels
  kWhiteNoise,    ///< added to every sample by itself; standard deviation in 0..1
  kJpeg,          ///< 8x8 DCT quantisation at a JPEG quality (jpeg_blocks())
  kResample,      ///< shrunk by a factor and enlarged again, triangle filter
  kContrast,      ///< drawn towards the mean by a factor
  kQuantize       ///< a number of values per channel, about equally common
};

inline constexpr std::array kDistortions = {Distortion::kGaussianBlur, Distortion::kWhiteNoise,
                                            Distortion::kJpeg,         Distortion::kResample,
                                            Distortion::kContrast,     Distortion::kQuantize};
/// Levels of a kind count from 1, mild. By default there are four.
inline constexpr int kDistortionLevels = 4;
/// At most there are six: milder ones come first, and the last four stay the same.
inline constexpr int kMostDistortionLevels = 6;

/// "gaussian_blur", "white_noise", "jpeg", "resample", "contrast", "quantize".
[[nodiscard]] std::string distortion_name(Distortion kind);

/// The kind's parameter at a level of `levels`, in the unit its comment names.
/// \param level  1..levels   \param levels  kDistortionLevels..kMostDistortionLevels
[[nodiscard]] double distortion_strength(Distortion kind, int level,
                                         int levels = kDistortionLevels);

/// A distorted copy, values in [0,1]. Plain C++ loops, deterministic.
/// \param strength  of distortion_strength()   \param noise  position of white noise's numbers
[[nodiscard]] Planes distort(const Planes& picture, Distortion kind, double strength,
                             const Rng& noise);

/// Filters rows and columns, which may change their number.
/// \param down    one entry per row of the result, over the picture's rows
/// \param across  one entry per column of the result, over the picture's columns
[[nodiscard]] Planes filter_both(const Planes& picture, const std::vector<FilterTaps>& down,
                                 const std::vector<FilterTaps>& across);

/// What JPEG does to a picture, without a codec: JFIF YCbCr, colour at half resolution (2x2 means,
/// enlarged by repetition), 8x8 DCT, coefficients rounded to multiples of the tables of ITU-T T.81
/// Annex K scaled as the Independent JPEG Group's library does, and back. Samples outside the
/// picture repeat its edge. Values may leave [0,1] slightly.
/// \param quality  1..100
[[nodiscard]] Planes jpeg_blocks(const Planes& picture, int quality);

}  // namespace robiq::synthetic
