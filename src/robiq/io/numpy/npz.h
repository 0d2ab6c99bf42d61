#pragma once
#include <filesystem>
#include <memory>

#include "robiq/io/byte_source.h"
#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// Reads a NumPy .npz (a zip of .npy members, stored or deflated) as an enemy might have written
/// it. \return tensors by member name without ".npy"; C order, little-endian, CPU. Fortran order is
/// turned into C order; object and structured arrays are refused.
/// \throws Error{kModel} naming the file and the member.
[[nodiscard]] TensorMap read_npz(const std::filesystem::path& file);
[[nodiscard]] TensorMap read_npz(std::shared_ptr<const ByteSource> source);

/// Reads one .npy file. \throws Error{kModel}.
[[nodiscard]] at::Tensor read_npy(const std::filesystem::path& file);

}  // namespace robiq
