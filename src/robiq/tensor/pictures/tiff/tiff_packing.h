#pragma once
#include <cstdint>
#include <string_view>

namespace robiq {

// What libtiff does not look at: it stops where a piece is full, so damage that leaves enough data
// goes by unseen.

/// That PackBits data fill `size` bytes exactly; a byte or two of padding may follow.
/// \throws PictureFault
void check_packbits(std::string_view packed, std::uint64_t size);

/// That zlib data match the checksum at their end. \throws PictureFault
void check_deflate(std::string_view packed);

}  // namespace robiq
