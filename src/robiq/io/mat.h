#pragma once
#include <filesystem>

#include "robiq/io/object.h"

namespace robiq {

/// Reads a MATLAB file, v5 or v7.3 (HDF5), through matio, once it has been checked (mat_check.h).
/// What HDF5's own structures hold cannot all be checked from outside: take files of version 7.3
/// from people you know. \return a dict of its variables: numeric arrays as tensors with MATLAB's
/// shape [rows, columns, ...] and their own type, in C order (uint16 as int32, uint32 and uint64 as
/// int64, logical as bool); char rows as text (UTF-8), several rows as a list of them; cells as a
/// list in MATLAB's (column-major) order; structs as dicts (arrays of structs as lists of them).
/// \throws Error{kModel} when it is missing, corrupt or of a kind that robiq does not read (sparse,
/// function handles, objects), naming file and variable.
[[nodiscard]] ObjectPtr read_mat(const std::filesystem::path& file);

}  // namespace robiq
