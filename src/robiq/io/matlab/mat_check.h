#pragma once
#include <cstdint>

#include "robiq/io/byte_source.h"

namespace robiq {

/// What a MATLAB file may cost, all its variables together. What data sets publish stays far below.
struct MatLimits {
  std::uint64_t bytes = 1ULL << 30;  ///< of numbers and text, unpacked
  std::uint64_t arrays = 1'000'000;  ///< variables, cells, fields
  int depth = 32;                    ///< cells in cells, structs in structs
};

/// Walks a file of version 5 from its first byte to its last before matio, which believes what a
/// file says, sees it: every element's type and length, every shape against the bytes that are
/// there, every compressed variable unpacked within the limits, nothing left over. Refuses, by
/// name, what robiq does not read: complex and sparse arrays, objects, function handles. \return
/// how many variables it has  \throws Error{kModel} naming file and variable.
[[nodiscard]] std::uint64_t check_mat5(const ByteSource& source, const MatLimits& limits = {});

}  // namespace robiq
