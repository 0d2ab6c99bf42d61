#pragma once
#include <cstdint>
#include <vector>

#include "robiq/tensor/pictures/bmp_header.h"
#include "robiq/tensor/pictures/picture_bytes.h"

namespace robiq {

/// The pixels of a BMP that is packed in run lengths: indices into its colour table, row by row as
/// the file has them (the lowest row first, unless it says otherwise). Pixels that are skipped are
/// 0.
/// \throws PictureFault when the runs leave the picture, or end before it does
[[nodiscard]] std::vector<std::uint8_t> unpack_bmp_runs(const PictureBytes& bytes,
                                                        const BmpHeader& header);

}  // namespace robiq
