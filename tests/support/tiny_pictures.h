#pragma once
// Flat grey pictures in the formats that publishers use, byte by byte.
#include <cstdint>
#include <string>

#include "support/zip_bytes.h"

namespace robiq::test {

/// An 8-bit BMP, three channels.
[[nodiscard]] inline std::string bmp_bytes(int height, int width, int level) {
  const auto row = static_cast<std::size_t>((width * 3 + 3) / 4 * 4);
  const std::size_t data = row * static_cast<std::size_t>(height);
  std::string bytes = "BM" + le(54 + data, 4) + le(0, 4) + le(54, 4) + le(40, 4);
  bytes += le(static_cast<std::uint64_t>(width), 4) + le(static_cast<std::uint64_t>(height), 4);
  bytes += le(1, 2) + le(24, 2) + le(0, 4) + le(data, 4) + le(2835, 4) + le(2835, 4) + le(0, 8);
  return bytes + std::string(data, static_cast<char>(level));
}

/// A baseline JPEG of one channel: every block but the first repeats its neighbour's brightness.
[[nodiscard]] inline std::string jpeg_bytes(int height, int width, int level) {
  const auto byte = [](int value) { return std::string(1, static_cast<char>(value)); };
  const auto size = [&](int value) { return byte(value >> 8) + byte(value & 255); };
  std::string bytes = "\xFF\xD8\xFF\xDB" + size(67) + byte(0) + std::string(64, 8);
  bytes += "\xFF\xC0" + size(11) + byte(8) + size(height) + size(width) + byte(1) + byte(1) +
           byte(0x11) + byte(0);
  bytes += "\xFF\xC4" + size(31) + byte(0x00) + std::string(3, 0) + byte(12) + std::string(12, 0);
  for (int category = 0; category < 12; ++category) bytes += byte(category);  // four bits each
  bytes += "\xFF\xC4" + size(20) + byte(0x10) + byte(1) + std::string(15, 0) + byte(0);
  bytes += "\xFF\xDA" + size(8) + byte(1) + byte(1) + byte(0x00) + byte(0) + byte(63) + byte(0);
  std::string bits;
  const auto put = [&](int value, int count) {
    for (int i = count - 1; i >= 0; --i) bits += (value >> i & 1) != 0 ? '1' : '0';
  };
  const int dc = level - 128;
  int category = 0;
  while ((dc < 0 ? -dc : dc) >> category != 0) ++category;
  put(category, 4);
  put(dc >= 0 ? dc : dc + (1 << category) - 1, category);
  put(0, 1);
  const int blocks = ((height + 7) / 8) * ((width + 7) / 8);
  for (int i = 1; i < blocks; ++i) put(0, 5);
  while (bits.size() % 8 != 0) bits += '1';
  for (std::size_t i = 0; i < bits.size(); i += 8) {
    const int value = std::stoi(bits.substr(i, 8), nullptr, 2);
    bytes += byte(value);
    if (value == 255) bytes += byte(0);
  }
  return bytes + "\xFF\xD9";
}

}  // namespace robiq::test
