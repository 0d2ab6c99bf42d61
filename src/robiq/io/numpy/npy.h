#pragma once
#include <ATen/core/Tensor.h>

#include "robiq/io/byte_source.h"

namespace robiq {

/// Reads the one array that a .npy file is. f2, f4, f8, b1, u1, i1, i2, i4 and i8 keep their type;
/// u2 becomes int32 and u4 int64, which hold all their values; big-endian numbers are swapped and
/// Fortran order is turned into C order. Memory is taken only once the shape agrees with the number
/// of bytes that are there.
/// \return a contiguous CPU tensor  \throws Error{kModel}, naming the source.
[[nodiscard]] at::Tensor read_npy_array(const ByteSource& source);

}  // namespace robiq
