#pragma once
#include <filesystem>

#include "robiq/io/pickle/pickle.h"

namespace robiq {

/// Reads a MATLAB file of version 5 (MATLAB's -v6 and -v7) through matio, once it has been checked
/// (check_mat5()). Version 7.3, which is HDF5, is refused. \return a dict of its variables: numeric
/// arrays as tensors with MATLAB's shape [rows, columns, ...] and their own type, in C order
/// (uint16 as int32, uint32 and uint64 as int64, logical as bool); char rows as text (UTF-8),
/// several rows as a list of them; cells as a list in MATLAB's (column-major) order; structs as
/// dicts (arrays of structs as lists of them). \throws Error{kModel} when it is missing, corrupt or
/// of a kind that robiq does not read (sparse, function handles, objects), naming file and
/// variable.
[[nodiscard]] ObjectPtr read_mat(const std::filesystem::path& file);

}  // namespace robiq
