#pragma once
#include <cstdint>

namespace robiq {

/// One pixel of ink amounts (0: none, 255: all of it) to red, green, blue, as Pillow converts it.
/// \param ink  cyan, magenta, yellow, black   \param colour  three bytes to write
inline void cmyk_to_rgb(const std::uint8_t* ink, std::uint8_t* colour) {
  const int light = 255 - ink[3];
  for (int c = 0; c < 3; ++c) {
    const int product = ink[c] * light + 128;  // divided by 255 and rounded, without a division
    colour[c] = static_cast<std::uint8_t>(light - (((product >> 8) + product) >> 8));
  }
}

}  // namespace robiq
