#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace robiq::synthetic {

/// A picture outside torch: red, green and blue plane, row by row, sRGB in [0,1].
struct Planes {
  std::int64_t height = 0, width = 0;
  std::vector<float> values;  ///< 3 x height x width

  Planes() = default;
  Planes(std::int64_t rows, std::int64_t columns)
      : height(rows), width(columns), values(static_cast<std::size_t>(3 * rows * columns)) {}

  [[nodiscard]] std::int64_t area() const noexcept { return height * width; }
  [[nodiscard]] float* channel(std::int64_t c) noexcept { return values.data() + c * area(); }
  [[nodiscard]] const float* channel(std::int64_t c) const noexcept {
    return values.data() + c * area();
  }
};

/// A picture as files hold it: the same planes in 8 bits.
struct BytePlanes {
  std::int64_t height = 0, width = 0;
  std::vector<std::uint8_t> values;  ///< 3 x height x width
};

/// round(255 value), clipped to 0..255.
[[nodiscard]] inline BytePlanes to_bytes(const Planes& picture) {
  BytePlanes out = {picture.height, picture.width,
                    std::vector<std::uint8_t>(picture.values.size())};
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    const float value = picture.values[i] * 255.0F + 0.5F;
    out.values[i] = static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
  }
  return out;
}

/// bytes / 255.
[[nodiscard]] inline Planes to_planes(const BytePlanes& bytes) {
  Planes out(bytes.height, bytes.width);
  for (std::size_t i = 0; i < bytes.values.size(); ++i) {
    out.values[i] = static_cast<float>(bytes.values[i]) / 255.0F;
  }
  return out;
}

}  // namespace robiq::synthetic
