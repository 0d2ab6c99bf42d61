#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/picture_header.h"
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

// What libtiff does not look at: it stops where a piece is full, so damage that leaves enough data
// goes by unseen.

/// That PackBits data fill `size` bytes exactly; a byte or two of padding may follow.
/// \throws PictureFault
void check_packbits(std::string_view packed, std::uint64_t size);

/// That zlib data match the checksum at their end. \throws PictureFault
void check_deflate(std::string_view packed);

}  // namespace robiq
