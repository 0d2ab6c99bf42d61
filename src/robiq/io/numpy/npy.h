#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/io/byte_source.h"
#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// Reads the one array that a .npy file is. f2, f4, f8, b1, u1, i1, i2, i4 and i8 keep their type;
/// u2 becomes int32 and u4 int64, which hold all their values; big-endian numbers are swapped and
/// Fortran order is turned into C order. Memory is taken only once the shape agrees with the number
/// of bytes that are there.
/// \return a contiguous CPU tensor  \throws Error{kModel}, naming the source.
[[nodiscard]] at::Tensor read_npy_array(const ByteSource& source);

/// Reads a NumPy .npz (a zip of .npy members, stored or deflated) as an enemy might have written
/// it. \return tensors by member name without ".npy"; C order, little-endian, CPU. Fortran order is
/// turned into C order; object and structured arrays are refused.
/// \throws Error{kModel} naming the file and the member.
[[nodiscard]] TensorMap read_npz(const std::filesystem::path& file);
[[nodiscard]] TensorMap read_npz(std::shared_ptr<const ByteSource> source);

/// Reads one .npy file. \throws Error{kModel}.
[[nodiscard]] at::Tensor read_npy(const std::filesystem::path& file);

/// What the front of a .npy file says about its array: checked, but not yet against the bytes that
/// follow.
struct NpyHeader {
  char kind = 'f';                  ///< 'f' float, 'i' signed, 'u' unsigned, 'b' bool
  std::uint64_t element_bytes = 4;  ///< 1, 2, 4 or 8
  bool big_endian = false;          ///< the elements' bytes must be swapped
  bool fortran_order = false;       ///< the first index runs fastest
  std::vector<std::int64_t> shape;  ///< at most 64 sides, whose product fits 63 bits
  std::uint64_t data_begin = 0;     ///< where the elements begin, from the file's first byte
  std::uint64_t data_bytes = 0;     ///< how many bytes shape and type need
};

/// Reads the magic number, the version (1.0, 2.0 or 3.0) and the dict, which is a Python literal
/// {'descr': TEXT, 'fortran_order': BOOL, 'shape': (N, ...)} and is parsed as just that.
/// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
/// \param bytes  the file, or as much of it as the header needs  \param where  for messages
/// \throws Error{kModel}, naming the type when it is one that robiq does not read
[[nodiscard]] NpyHeader parse_npy_header(std::string_view bytes, const std::string& where);

}  // namespace robiq
