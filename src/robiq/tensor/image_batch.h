#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace robiq {

/// Pictures inside robiq are float32 [N,3,H,W], sRGB, in [0,1]; bytes are uint8 of the same shape.

/// bytes / 255 in float32. \param bytes  uint8, any shape
[[nodiscard]] at::Tensor to_float(const at::Tensor& bytes);

/// round(images * 255) as bytes, halves to even; values outside [0,1] are clipped.
[[nodiscard]] at::Tensor to_bytes(const at::Tensor& images);

/// What the pictures become when saved with 8 bits and read again.
[[nodiscard]] at::Tensor quantize_to_8bit(const at::Tensor& images);

/// \throws Error{kData} unless `images` is [N,3,H,W] of `type` with N, H, W > 0.
/// \param who  the one that was given them, for the message
void check_images(const at::Tensor& images, const std::string& who,
                  at::ScalarType type = at::kFloat);

/// Some rows of a batch: the first, and how many.
struct BatchPiece {
  std::int64_t first = 0, count = 0;
};

/// `rows` in pieces of `size`.
/// \param least  a rest of fewer rows goes with the piece before it, unless all pieces have fewer
[[nodiscard]] std::vector<BatchPiece> batch_pieces(std::int64_t rows, std::int64_t size,
                                                   std::int64_t least = 1);

/// How often the pictures have been written to in place; 0 where nobody counts.
[[nodiscard]] std::int64_t times_written(const at::Tensor& images);

}  // namespace robiq
