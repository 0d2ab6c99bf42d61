#include <algorithm>
#include <array>

#include "robiq/data/synthetic/distortion.h"

namespace robiq::synthetic {
namespace {

using Block = std::array<float, 64>;

constexpr std::array<int, 64> kLumaTable = {
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,  //
    14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,  //
    18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,  //
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
constexpr std::array<int, 64> kColourTable = {
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,  //
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,  //
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,  //
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};

/// cos(k pi / 16) for k = 0..8.
constexpr std::array<float, 9> kCosines = {1.0F,        0.98078528F, 0.92387953F,
                                           0.83146961F, 0.70710678F, 0.55557023F,
                                           0.38268343F, 0.19509032F, 0.0F};

constexpr float cosine(int k) {
  k %= 32;
  if (k > 16) k = 32 - k;
  return k <= 8 ? kCosines[static_cast<std::size_t>(k)]
                : -kCosines[static_cast<std::size_t>(16 - k)];
}

/// Row u of the orthonormal DCT-II: c(u) / 2 cos((2x + 1) u pi / 16).
constexpr Block dct_matrix() {
  Block matrix{};
  for (int u = 0; u < 8; ++u) {
    for (int x = 0; x < 8; ++x) {
      matrix[static_cast<std::size_t>(8 * u + x)] =
          0.5F * (u == 0 ? kCosines[4] : 1.0F) * cosine((2 * x + 1) * u);
    }
  }
  return matrix;
}
constexpr Block transposed(const Block& in) {
  Block out{};
  for (std::size_t i = 0; i < 64; ++i) out[8 * (i % 8) + i / 8] = in[i];
  return out;
}
constexpr Block kDct = dct_matrix();
constexpr Block kInverse = transposed(kDct);

Block product(const Block& a, const Block& b) {
  Block out{};
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t k = 0; k < 8; ++k) {
      for (std::size_t j = 0; j < 8; ++j) out[8 * i + j] += a[8 * i + k] * b[8 * k + j];
    }
  }
  return out;
}

Block scaled_table(const std::array<int, 64>& base, int quality) {
  const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  Block table{};
  for (std::size_t i = 0; i < 64; ++i) {
    table[i] = static_cast<float>(std::clamp((base[i] * scale + 50) / 100, 1, 255));
  }
  return table;
}

/// A plane whose sides are multiples of eight.
struct Plane {
  std::int64_t rows, columns;
  std::vector<float> values;
  Plane(std::int64_t r, std::int64_t c)
      : rows(r), columns(c), values(static_cast<std::size_t>(r * c)) {}
  float& at(std::int64_t y, std::int64_t x) {
    return values[static_cast<std::size_t>(y * columns + x)];
  }
};

void quantise(Plane& plane, const Block& table) {
  for (std::int64_t top = 0; top < plane.rows; top += 8) {
    for (std::int64_t left = 0; left < plane.columns; left += 8) {
      Block block;
      for (std::int64_t i = 0; i < 8; ++i) {
        std::copy_n(&plane.at(top + i, left), 8, block.begin() + 8 * i);
      }
      block = product(product(kDct, block), kInverse);
      for (std::size_t i = 0; i < 64; ++i) {
        const float steps = block[i] / table[i];
        block[i] =
            static_cast<float>(static_cast<int>(steps + (steps < 0 ? -0.5F : 0.5F))) * table[i];
      }
      block = product(product(kInverse, block), kDct);
      for (std::int64_t i = 0; i < 8; ++i) {
        std::copy_n(block.begin() + 8 * i, 8, &plane.at(top + i, left));
      }
    }
  }
}

struct YCbCr {
  Plane y, cb, cr;  ///< 0 is middle grey; cb and cr have half the resolution
};

YCbCr separated(const Planes& picture) {
  const std::int64_t rows = (picture.height + 15) / 16 * 16,
                     columns = (picture.width + 15) / 16 * 16;
  YCbCr out = {Plane(rows, columns), Plane(rows / 2, columns / 2), Plane(rows / 2, columns / 2)};
  for (std::int64_t y = 0; y < rows; ++y) {
    const std::int64_t row = std::min(y, picture.height - 1) * picture.width;
    for (std::int64_t x = 0; x < columns; ++x) {
      const std::int64_t i = row + std::min(x, picture.width - 1);
      const float r = 255 * picture.channel(0)[i], g = 255 * picture.channel(1)[i];
      const float b = 255 * picture.channel(2)[i];
      const float luma = 0.299F * r + 0.587F * g + 0.114F * b;
      out.y.at(y, x) = luma - 128;
      out.cb.at(y / 2, x / 2) += 0.25F * 0.564334F * (b - luma);
      out.cr.at(y / 2, x / 2) += 0.25F * 0.713267F * (r - luma);
    }
  }
  return out;
}

}  // namespace

Planes jpeg_blocks(const Planes& picture, int quality) {
  YCbCr parts = separated(picture);
  quantise(parts.y, scaled_table(kLumaTable, quality));
  const Block colour_table = scaled_table(kColourTable, quality);
  quantise(parts.cb, colour_table);
  quantise(parts.cr, colour_table);
  Planes out(picture.height, picture.width);
  for (std::int64_t y = 0; y < picture.height; ++y) {
    for (std::int64_t x = 0; x < picture.width; ++x) {
      const float luma = parts.y.at(y, x) + 128;
      const float cb = parts.cb.at(y / 2, x / 2), cr = parts.cr.at(y / 2, x / 2);
      const std::int64_t i = y * picture.width + x;
      out.channel(0)[i] = (luma + 1.402F * cr) / 255;
      out.channel(1)[i] = (luma - 0.344136F * cb - 0.714136F * cr) / 255;
      out.channel(2)[i] = (luma + 1.772F * cb) / 255;
    }
  }
  return out;
}

}  // namespace robiq::synthetic
