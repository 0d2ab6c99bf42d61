#include "robiq/io/matlab/mat5_element.h"

#include <bit>
#include <cstring>

namespace robiq {

static_assert(std::endian::native == std::endian::little, "swapped means big-endian");

std::uint32_t mat5_number(std::string_view bytes, bool swapped) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof(number));
  return swapped ? __builtin_bswap32(number) : number;
}

Mat5Tag mat5_tag(std::string_view bytes, bool swapped) {
  const std::uint32_t first = mat5_number(bytes, swapped);
  if (first >> 16 != 0) return {first & 0xFFFF, first >> 16, true};
  return {first, mat5_number(bytes.substr(4), swapped), false};
}

std::uint64_t mat5_type_size(std::uint32_t type) {
  switch (type) {
    case kMat5Int8:
    case kMat5Uint8:
    case kMat5Utf8:
      return 1;
    case 3:  // int16
    case kMat5Uint16:
    case kMat5Utf16:
      return 2;
    case kMat5Int32:
    case kMat5Uint32:
    case kMat5Single:
      return 4;
    case kMat5Double:
    case 12:  // int64
    case kMat5Uint64:
      return 8;
    default:
      return 0;
  }
}

bool take_mat5_element(std::string_view& rest, bool swapped, Mat5Element& element) {
  if (rest.size() < 8) return false;
  const Mat5Tag tag = mat5_tag(rest.substr(0, 8), swapped);
  if (tag.small && tag.bytes > 4) return false;
  const std::uint64_t begin = tag.small ? 4 : 8;
  const std::uint64_t whole = tag.small ? 8 : 8 + (std::uint64_t{tag.bytes} + 7) / 8 * 8;
  if (whole > rest.size()) return false;
  element = {tag.type, rest.substr(begin, tag.bytes)};
  rest.remove_prefix(whole);
  return true;
}

}  // namespace robiq
