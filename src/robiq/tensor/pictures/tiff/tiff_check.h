#pragma once
// Apart from tiff_layout.h, which needs libtiff: a compute-only build has this too.
#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/picture_header.h"

namespace robiq {

/// True for what begins as a TIFF or a BigTIFF does.
[[nodiscard]] bool is_tiff(const PictureBytes& bytes);

/// inspect_picture() for TIFF and BigTIFF: that the first picture's pieces lie in the file, and
/// that reading them takes no more work than the size of file and picture allows.
/// \throws PictureFault
[[nodiscard]] PictureHeader check_tiff(const PictureBytes& bytes);

}  // namespace robiq
