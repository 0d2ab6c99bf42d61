#pragma once
#include <ATen/core/Tensor.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace robiq {

/// How a planar YUV picture is laid out, and what its numbers mean.
struct YuvFormat {
  /// Chroma planes have half the columns (k420, k422), half the rows (k420), rounded up, or all.
  enum class Chroma { k420, k422, k444, kNone };
  /// Of ITU-R BT.601 or BT.709, non-constant luminance.
  enum class Matrix { kBt601, kBt709 };

  std::int64_t width = 0, height = 0;  ///< of the Y plane
  int bits = 8;                        ///< 8: a byte a sample; 9 to 16: two, in the low bits
  Chroma chroma = Chroma::k420;
  Matrix matrix = Matrix::kBt601;
  bool full_range = false;  ///< whether Y runs over all values, or (of 8 bits) from 16 to 235

  [[nodiscard]] std::int64_t bytes_per_sample() const { return bits > 8 ? 2 : 1; }
  /// Columns and rows of plane 0, 1 or 2; none where chroma is kNone.
  [[nodiscard]] std::int64_t columns(int plane) const;
  [[nodiscard]] std::int64_t rows(int plane) const;
  /// Of all planes without padding.
  [[nodiscard]] std::int64_t frame_bytes() const;
};

/// Where the planes of one picture lie.
struct YuvPlanes {
  std::array<const std::byte*, 3> first{};  ///< of Y, U, V
  std::array<std::ptrdiff_t, 3> stride{};   ///< bytes from row to row; may be negative
};

/// The planes of a frame that lies in one piece, without padding.
[[nodiscard]] YuvPlanes packed_planes(const YuvFormat& format, const std::byte* frame);

/// 8-bit RGB, rounded to nearest. A chroma sample serves the pixels that it covers. Samples above
/// the range of `bits` count as the largest. \return uint8 [3,H,W]
/// \throws Error{kData} for an empty picture, one over kMaxPicturePixels, or other depths
[[nodiscard]] at::Tensor yuv_to_rgb(const YuvFormat& format, const YuvPlanes& planes);

}  // namespace robiq
