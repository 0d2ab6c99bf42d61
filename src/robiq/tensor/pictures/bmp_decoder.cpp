#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <vector>

#include "robiq/tensor/pictures/bmp_header.h"
#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/picture_decoders.h"

namespace robiq {
namespace {

/// Where red, green and blue of a pixel of 24 or 32 bits stand, in bytes.
using Places = std::array<std::uint64_t, 3>;

struct ByteLayout {
  std::array<std::uint32_t, 4> masks;
  Places places;
};

[[noreturn]] void refuse_masks() {
  throw PictureFault{"the BMP mixes its colours in a way that is not read (its bit fields)",
                     "export it with 24 bits a pixel"};
}

/// The layouts that Pillow reads.
Places byte_places(const BmpHeader& header) {
  constexpr Places kUsual = {2, 1, 0};
  constexpr std::array<ByteLayout, 6> kKnown = {{
      {{0xFF0000, 0xFF00, 0xFF, 0}, {2, 1, 0}},
      {{0xFF000000, 0xFF0000, 0xFF00, 0}, {3, 2, 1}},
      {{0xFF000000, 0xFF0000, 0xFF00, 0xFF}, {3, 2, 1}},
      {{0xFF, 0xFF00, 0xFF0000, 0xFF000000}, {0, 1, 2}},
      {{0xFF0000, 0xFF00, 0xFF, 0xFF000000}, {2, 1, 0}},
      {{0, 0, 0, 0}, {2, 1, 0}},
  }};
  if (header.packing != BmpPacking::kBitFields) return kUsual;
  for (const ByteLayout& layout : kKnown) {
    const bool all_four = header.bits == 32 && layout.masks == header.masks;
    const bool of_three = header.bits == 24 && layout.places == kUsual && layout.masks[0] != 0 &&
                          layout.masks[0] == header.masks[0] &&
                          layout.masks[1] == header.masks[1] && layout.masks[2] == header.masks[2];
    if (all_four || of_three) return layout.places;
  }
  refuse_masks();
}

/// Whether a pixel of 16 bits has six of them for green; otherwise it has five for each colour.
bool has_wide_green(const BmpHeader& header) {
  if (header.packing != BmpPacking::kBitFields) return false;
  const auto is = [&](std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
    return header.masks[0] == red && header.masks[1] == green && header.masks[2] == blue;
  };
  if (is(0xF800, 0x7E0, 0x1F)) return true;
  if (is(0x7C00, 0x3E0, 0x1F)) return false;
  refuse_masks();
}

class BmpDecoder {
 public:
  BmpDecoder(const PictureBytes& bytes, const BmpHeader& header)
      : bytes_(bytes), header_(header), width_(static_cast<std::uint64_t>(header.width)) {}

  void run(std::uint8_t* out) {
    const bool runs =
        header_.packing == BmpPacking::kRuns8 || header_.packing == BmpPacking::kRuns4;
    if (runs) indices_ = unpack_bmp_runs(bytes_, header_);
    if (header_.bits <= 8) read_colours();
    if (header_.bits >= 24) places_ = byte_places(header_);
    if (header_.bits == 16) wide_green_ = has_wide_green(header_);
    const auto height = static_cast<std::uint64_t>(header_.height);
    for (std::uint64_t y = 0; y < height; ++y) {
      const std::uint64_t stored = header_.downwards ? y : height - 1 - y;
      std::uint8_t* row = out + 3 * width_ * y;
      if (runs) {
        from_table(row, [&](std::uint64_t x) { return indices_[stored * width_ + x]; });
      } else {
        decode_row(
            bytes_.slice(header_.pixels_at + header_.row_bytes() * stored, header_.row_bytes()),
            row);
      }
    }
  }

 private:
  void read_colours() {
    for (std::uint64_t i = 0; i < header_.colours; ++i) {
      const std::uint64_t place = header_.colours_at + header_.colour_size * i;
      for (std::uint64_t c = 0; c < 3; ++c) {
        colours_[i][c] = static_cast<std::uint8_t>(bytes_.u8(place + 2 - c));
      }
    }
  }
  /// \param index  of column x
  template <class Index>
  void from_table(std::uint8_t* out, const Index& index) const {
    for (std::uint64_t x = 0; x < width_; ++x, out += 3) {
      const std::uint8_t i = index(x);
      if (i >= header_.colours) {
        throw PictureFault{"the BMP is damaged: a pixel has colour " + std::to_string(i) +
                           " of a table of " + std::to_string(header_.colours)};
      }
      std::copy(colours_[i].begin(), colours_[i].end(), out);
    }
  }
  void decode_row(std::string_view row, std::uint8_t* out) const {
    const auto byte = [&](std::uint64_t i) { return static_cast<std::uint8_t>(row[i]); };
    const std::uint64_t bits = header_.bits;
    if (bits <= 8) {
      const std::uint64_t each = 8 / bits;
      const auto mask = static_cast<std::uint8_t>((1U << bits) - 1);
      from_table(out, [&](std::uint64_t x) {
        return static_cast<std::uint8_t>(byte(x / each) >> (8 - bits * (x % each + 1)) & mask);
      });
      return;
    }
    for (std::uint64_t x = 0; x < width_; ++x, out += 3) {
      if (bits == 16) {
        from_word(byte(2 * x) | static_cast<std::uint32_t>(byte(2 * x + 1)) << 8, out);
      } else {
        for (std::size_t c = 0; c < 3; ++c) out[c] = byte(bits / 8 * x + places_[c]);
      }
    }
  }
  /// Full brightness becomes 255, what lies between is cut, as Pillow does.
  void from_word(std::uint32_t word, std::uint8_t* out) const {
    const std::uint32_t red = word >> (wide_green_ ? 11 : 10) & 31;
    const std::uint32_t most = wide_green_ ? 63 : 31;
    out[0] = static_cast<std::uint8_t>(red * 255 / 31);
    out[1] = static_cast<std::uint8_t>((word >> 5 & most) * 255 / most);
    out[2] = static_cast<std::uint8_t>((word & 31) * 255 / 31);
  }

  PictureBytes bytes_;
  const BmpHeader& header_;
  std::uint64_t width_;
  std::vector<std::uint8_t> indices_;
  std::array<std::array<std::uint8_t, 3>, 256> colours_{};
  Places places_{};
  bool wide_green_ = false;
};

}  // namespace

at::Tensor decode_bmp(std::string_view bytes, const PictureHeader& header) {
  const PictureBytes checked(bytes);
  const BmpHeader bmp = read_bmp_header(checked);
  at::Tensor pixels = at::empty({header.height, header.width, 3}, at::kByte);
  BmpDecoder(checked, bmp).run(pixels.data_ptr<std::uint8_t>());
  return pixels;
}

}  // namespace robiq
