#pragma once
#include <ATen/core/Tensor.h>

#include <string_view>

#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/picture_header.h"

namespace robiq {

// One decoder for each kind of file. Each takes the bytes that inspect_picture() has passed and its
// header, returns uint8 [H,W,3], red, green, blue, and prints nothing.
// They throw PictureFault for data that is damaged, of another size than the header says, or of a
// kind that is not read. Whatever a library warns of counts as damage, except where only notes
// beside the picture are meant (its author, its colour profile, unknown tags).

/// Baseline and progressive JPEG: grey, colour, and CMYK as Adobe's programs store it.
[[nodiscard]] at::Tensor decode_jpeg(std::string_view bytes, const PictureHeader& header);

/// PNG of every colour type and depth; chunks beside the picture are passed over unread.
[[nodiscard]] at::Tensor decode_png(std::string_view bytes, const PictureHeader& header);

/// TIFF and BigTIFF, the first picture: grey, palette, RGB, CMYK and YCbCr, with at most one more
/// channel. Associated alpha is divided out again.
[[nodiscard]] at::Tensor decode_tiff(std::string_view bytes, const PictureHeader& header);

/// BMP of 1 to 32 bits, with run lengths or without.
[[nodiscard]] at::Tensor decode_bmp(std::string_view bytes, const PictureHeader& header);

/// WebP, lossy and lossless.
[[nodiscard]] at::Tensor decode_webp(std::string_view bytes, const PictureHeader& header);

/// \throws PictureFault when a decoder found another size than the header gives.
void need_same_size(const PictureHeader& header, std::int64_t width, std::int64_t height);

/// Walks the markers of a JPEG file (ITU-T T.81 Annex B) to its end marker and counts the Huffman
/// codes of every sequential scan and of a progressive picture's first scan, so that a file whose
/// data ends early, or whose header claims another size, is found before a decoder fills the rest
/// with grey. Arithmetic-coded scans are only walked.
/// \throws PictureFault
[[nodiscard]] PictureHeader check_jpeg(const PictureBytes& bytes);

}  // namespace robiq
