#include "robiq/io/table/utf8.h"

#include <cstdint>
#include <cstring>

#include "robiq/core/text/letters.h"

namespace robiq {
namespace {

/// True when none of eight bytes is NUL or above 127.
bool eight_plain_bytes(const char* bytes) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, bytes, sizeof eight);
  constexpr std::uint64_t kHigh = 0x8080808080808080ULL;
  const std::uint64_t zeros = (eight - 0x0101010101010101ULL) & ~eight & kHigh;
  return ((eight & kHigh) | zeros) == 0;
}

}  // namespace

std::size_t find_non_text(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (i + 8 <= text.size() && eight_plain_bytes(text.data() + i)) {
      i += 8;
      continue;
    }
    const std::size_t bytes = text[i] == '\0' ? 0 : first_letter(text.substr(i)).bytes;
    if (bytes == 0) return i;
    i += bytes;
  }
  return text.npos;
}

}  // namespace robiq
