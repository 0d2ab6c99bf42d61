#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "robiq/io/hdf5_handle.h"

namespace robiq {

/// The names in a group, all of which must be hard links: objects of this very file.
/// \param limit  the most names  \return what is wrong, "" for nothing
[[nodiscard]] std::string read_hdf5_links(hid_t group, std::uint64_t limit,
                                          std::vector<std::string>& names);

/// Walks all groups of a file before HDF5 (1.10) does, which follows a group that stands in itself
/// without end when it is asked for the name of an object.
/// \param limit  the most objects  \param depth  groups in groups
/// \return what is wrong, "" for nothing
[[nodiscard]] std::string hdf5_tree_problem(hid_t file, std::uint64_t limit, int depth);

}  // namespace robiq
