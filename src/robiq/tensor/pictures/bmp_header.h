#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "robiq/tensor/pictures/picture_bytes.h"

namespace robiq {

/// How the pixels of a BMP are packed.
enum class BmpPacking { kNone, kRuns8, kRuns4, kBitFields };

/// The header of a BMP file.
struct BmpHeader {
  std::int64_t width = 0, height = 0;  ///< pixels
  bool downwards = false;              ///< the first row of the file is the upper one
  std::uint32_t bits = 0;              ///< a pixel: 1, 4, 8, 16, 24 or 32
  BmpPacking packing = BmpPacking::kNone;
  std::uint64_t colours = 0;             ///< entries of the colour table, for up to 8 bits
  std::uint64_t colours_at = 0;          ///< where it begins
  std::uint64_t colour_size = 4;         ///< bytes of one entry: blue, green, red, perhaps nothing
  std::uint64_t pixels_at = 0;           ///< where the pixels begin
  std::array<std::uint32_t, 4> masks{};  ///< of red, green, blue, alpha, for kBitFields

  /// Bytes of a row without run lengths.
  [[nodiscard]] std::uint64_t row_bytes() const noexcept {
    return (static_cast<std::uint64_t>(width) * bits + 31) / 32 * 4;
  }
};

/// \throws PictureFault for a header that is cut off, or of a kind that is not read
[[nodiscard]] BmpHeader read_bmp_header(const PictureBytes& bytes);

/// The pixels of a BMP that is packed in run lengths: indices into its colour table, row by row as
/// the file has them (the lowest row first, unless it says otherwise). Pixels that are skipped are
/// 0.
/// \throws PictureFault when the runs leave the picture, or end before it does
[[nodiscard]] std::vector<std::uint8_t> unpack_bmp_runs(const PictureBytes& bytes,
                                                        const BmpHeader& header);

}  // namespace robiq
