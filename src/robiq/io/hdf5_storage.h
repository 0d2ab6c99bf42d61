#pragma once
#include <cstdint>
#include <string>

#include "robiq/io/hdf5_handle.h"

namespace robiq {

/// What is wrong with the way in which a dataset is stored; "" for nothing. Refused is what stands
/// in another file, and filters other than shuffle and deflate, which HDF5 would look for in
/// plugins. HDF5 (1.10) believes that a chunk unpacks to its full size, and reads behind the end of
/// one that does not, so each is unpacked here first.
/// \param limit  the most bytes that all chunks may have once unpacked
[[nodiscard]] std::string hdf5_storage_problem(hid_t dataset, std::uint64_t limit);

}  // namespace robiq
