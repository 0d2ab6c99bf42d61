#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace robiq {

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
