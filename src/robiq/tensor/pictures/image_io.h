#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace robiq {

/// Pictures larger than this are refused before they are decoded.
inline constexpr std::int64_t kMaxPicturePixels = 100'000'000;

/// Reads a JPEG, PNG, BMP, TIFF or WebP file as Pillow's convert("RGB") would: 8 or 16 bit, grey,
/// palette, CMYK and alpha all become RGB. In every format alpha is dropped, orientation is
/// ignored, and of 16 bits the high byte is kept (value >> 8). \return uint8 [3,H,W], contiguous
/// \throws Error{kData} for a file that is missing, no picture, damaged in any way that its decoder
///         notices, of a kind that is not read, lying about its size or over kMaxPicturePixels
[[nodiscard]] at::Tensor read_picture(const std::filesystem::path& file);

/// True for a file name that read_picture() may be able to read, by its ending.
[[nodiscard]] bool has_picture_ending(const std::filesystem::path& file);

/// Writes an 8-bit RGB PNG beside `file`, then renames. \param bytes  uint8 [3,H,W]
/// \throws Error{kData} when it cannot be written.
void write_png(const std::filesystem::path& file, const at::Tensor& bytes);

/// The same PNG in memory.
[[nodiscard]] std::string encode_png(const at::Tensor& bytes);

/// A JPEG in memory, for what is only looked at. \param bytes  uint8 [3,H,W]
[[nodiscard]] std::string encode_jpeg(const at::Tensor& bytes);

/// What a picture becomes as a JPEG file with colour at half the size (4:2:0), read again.
/// \param bytes  uint8 [3,H,W]   \param quality  1 to 100   \return uint8 [3,H,W]
[[nodiscard]] at::Tensor jpeg_round_trip(const at::Tensor& bytes, int quality);

/// The PNG with a text chunk that names robiq as its maker; its pixels stay as they are.
/// \param png  whole, as encode_png() makes it
[[nodiscard]] std::string with_our_mark(const std::string& png);

/// Whether a file is a PNG with that chunk: it may be made again without a question.
[[nodiscard]] bool has_our_mark(const std::filesystem::path& file);

/// A baseline JPEG as Pillow writes it by default: chroma halved along both axes (4:2:0), standard
/// tables scaled to `quality`. Bit for bit the same where the libjpeg is the same.
/// \param bytes    uint8 [3,H,W], red, green, blue, on the CPU; sides up to 65500 pixels
/// \param quality  1 to 100
/// \throws Error{kData} for another shape or quality, or where libjpeg fails
[[nodiscard]] std::string encode_jpeg_420(const at::Tensor& bytes, int quality);

}  // namespace robiq
