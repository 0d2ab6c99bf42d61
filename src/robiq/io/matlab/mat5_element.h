#pragma once
#include <cstdint>
#include <string_view>

namespace robiq {

// The smallest parts of a MATLAB file of version 5: elements, each a type, a length and bytes.
// Format: https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf

inline constexpr std::uint32_t kMat5Int8 = 1, kMat5Uint8 = 2, kMat5Uint16 = 4, kMat5Int32 = 5,
                               kMat5Uint32 = 6, kMat5Single = 7, kMat5Double = 9, kMat5Uint64 = 13,
                               kMat5Matrix = 14, kMat5Compressed = 15, kMat5Utf8 = 16,
                               kMat5Utf16 = 17;

/// The eight bytes at the front of an element.
struct Mat5Tag {
  std::uint32_t type = 0, bytes = 0;
  bool small = false;  ///< at most four bytes, which stand in the tag's second half
};

struct Mat5Element {
  std::uint32_t type = 0;
  std::string_view data;
};

/// Four bytes as an unsigned number; `bytes` has them. \param swapped  the file is big-endian
[[nodiscard]] std::uint32_t mat5_number(std::string_view bytes, bool swapped);
/// \param bytes  eight of them
[[nodiscard]] Mat5Tag mat5_tag(std::string_view bytes, bool swapped);
/// Bytes of one number of that type; 0 for a type that is none of a number or a character.
[[nodiscard]] std::uint64_t mat5_type_size(std::uint32_t type);
/// Takes an element and its padding to 8 bytes off the front of `rest`.
/// \return false when it is cut off
[[nodiscard]] bool take_mat5_element(std::string_view& rest, bool swapped, Mat5Element& element);

}  // namespace robiq
