#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "robiq/core/rng.h"

namespace robiq {

/// A rectangle of a picture, in pixels.
struct View {
  std::int64_t top = 0, left = 0, height = 0, width = 0;
  bool operator==(const View&) const = default;
};

/// How a whole picture becomes inputs of a model; the score of the picture is the mean over them.
struct ViewPolicy {
  enum class Kind {
    kWhole,  ///< the picture itself
    kGrid,   ///< rows x columns crops at offsets round(i (H - side) / (rows - 1)); one is centred
    kTiles,  ///< side x side patches that cover the picture; the last row and column end at its
             ///< edge
    kRandom  ///< `count` crops at uniform positions
  };
  Kind kind = Kind::kWhole;
  std::int64_t side = 0;               ///< of a crop, pixels; unused for kWhole
  std::int64_t rows = 0, columns = 0;  ///< kGrid
  std::int64_t count = 0;              ///< kRandom: how many; otherwise at most so many, 0 for all
  /// The picture is first brought to this size, pixels; 0: it keeps its own (picture_input.h).
  std::int64_t resize_height = 0, resize_width = 0;
};

/// The views of a picture, in row order, equal ones once (their share of the mean is then lost:
/// a picture of exactly one crop's size has one view).
/// \param rng  where kRandom draws its positions
/// \throws Error{kData} when the picture is smaller than a crop; the message says the least size.
[[nodiscard]] std::vector<View> make_views(const ViewPolicy& policy, std::int64_t height,
                                           std::int64_t width, const Rng& rng);

/// Cuts views of one size out of a picture, differentiably.
/// \param picture  [1,3,H,W]   \return [V,3,h,w]
[[nodiscard]] at::Tensor cut_views(const at::Tensor& picture, const std::vector<View>& views);

}  // namespace robiq
