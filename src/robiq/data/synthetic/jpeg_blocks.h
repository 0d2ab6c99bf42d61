#pragma once
#include "robiq/data/synthetic/scene/planes.h"

namespace robiq::synthetic {

/// What JPEG does to a picture, without a codec: JFIF YCbCr, colour at half resolution (2x2 means,
/// enlarged by repetition), 8x8 DCT, coefficients rounded to multiples of the tables of ITU-T T.81
/// Annex K scaled as the Independent JPEG Group's library does, and back. Samples outside the
/// picture repeat its edge. Values may leave [0,1] slightly.
/// \param quality  1..100
[[nodiscard]] Planes jpeg_blocks(const Planes& picture, int quality);

}  // namespace robiq::synthetic
