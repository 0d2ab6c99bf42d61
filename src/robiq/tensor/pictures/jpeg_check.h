#pragma once
#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/picture_header.h"

namespace robiq {

/// Walks the markers of a JPEG file (ITU-T T.81 Annex B) to its end marker and counts the Huffman
/// codes of every sequential scan and of a progressive picture's first scan, so that a file whose
/// data ends early, or whose header claims another size, is found before a decoder fills the rest
/// with grey. Arithmetic-coded scans are only walked.
/// \throws PictureFault
[[nodiscard]] PictureHeader check_jpeg(const PictureBytes& bytes);

}  // namespace robiq
