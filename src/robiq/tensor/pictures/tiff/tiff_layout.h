#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "robiq/tensor/pictures/tiff/tiff_file.h"

namespace robiq {

enum class TiffColour { kGrey, kPalette, kRgb, kCmyk, kYcbcr };

/// How the pixels of a TIFF are stored.
struct TiffLayout {
  std::int64_t width = 0, height = 0;  ///< pixels
  TiffColour colour = TiffColour::kGrey;
  std::uint32_t bits = 8;     ///< a sample: 1, 2, 4, 8 or 16
  std::uint32_t samples = 1;  ///< a pixel, with one that is alpha or unknown
  bool white_is_zero = false;
  bool multiplied = false;  ///< the last sample is alpha, by which the colours were multiplied
  bool separate = false;    ///< each sample in pieces of its own
  bool tiled = false;       ///< in tiles, not in strips
  std::int64_t piece_width = 0, piece_height = 0;      ///< pixels of a tile or a strip
  std::vector<std::array<std::uint8_t, 3>> palette{};  ///< for kPalette
};

/// Reads the layout; libtiff is told to turn JPEG's YCbCr into RGB.
/// \throws PictureFault naming what is not read: L*a*b*, floating point, 12 bits, five channels ...
[[nodiscard]] TiffLayout read_tiff_layout(const TiffFile& file);

}  // namespace robiq
