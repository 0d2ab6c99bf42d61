#include "robiq/io/utf8.h"

#include <cstdint>
#include <cstring>

namespace robiq {
namespace {

/// The length of the UTF-8 sequence at the front of `text`, or 0 when it is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      if (i >= text.size() || (byte(i) & 0xC0) != 0x80) return false;
    }
    return true;
  };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return lead == 0 ? 0 : 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (!tail(1, length)) return 0;
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xED && byte(1) > 0x9F;
  const bool too_large = lead == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || too_large ? 0 : length;
}

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
    const std::size_t length = sequence_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return text.npos;
}

}  // namespace robiq
