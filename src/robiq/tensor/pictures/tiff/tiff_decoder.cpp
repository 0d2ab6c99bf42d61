#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <vector>

#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/picture_decoders.h"
#include "robiq/tensor/pictures/tiff/tiff_file.h"
#include "robiq/tensor/pictures/tiff/tiff_layout.h"

namespace robiq {
namespace {

/// Where a row begins, for each channel or, first, for all of them together.
using Planes = std::array<const std::uint8_t*, 5>;

/// One row of a piece: what stands in column x, channel c, as 8 bits.
class TiffRow {
 public:
  TiffRow(const TiffLayout& layout, const Planes& planes)
      : bits_(layout.bits),
        step_(layout.separate ? 1 : layout.samples),
        apart_(layout.separate),
        planes_(planes) {}

  /// 16 bits lose the lower byte; fewer than 8 stay as small as they are.
  [[nodiscard]] std::uint8_t raw(std::size_t x, std::size_t c) const {
    const std::uint8_t* row = planes_[apart_ ? c : 0];
    const std::size_t i = step_ * x + (apart_ ? 0 : c);
    if (bits_ == 8) return row[i];
    if (bits_ == 16) {
      return static_cast<std::uint8_t>(reinterpret_cast<const std::uint16_t*>(row)[i] >> 8);
    }
    const std::size_t each = 8 / bits_;
    return static_cast<std::uint8_t>(row[i / each] >> (8 - bits_ * (i % each + 1)) &
                                     ((1U << bits_) - 1));
  }

 private:
  std::size_t bits_, step_;
  bool apart_;
  Planes planes_;
};

/// \return the colour before it was multiplied by alpha
std::uint8_t divided(std::uint8_t colour, std::uint8_t alpha) {
  if (alpha == 0) return 0;
  return static_cast<std::uint8_t>(std::min(255, colour * 255 / alpha));
}

class TiffDecoder {
 public:
  TiffDecoder(std::string_view bytes, const TiffFile& file, const TiffLayout& layout)
      : bytes_(bytes), file_(file), layout_(layout) {
    planes_.resize(layout.separate ? layout.samples : 1);
    const std::uint64_t size = static_cast<std::uint64_t>(layout.tiled ? TIFFTileSize(file.get())
                                                                       : TIFFStripSize(file.get()));
    file.need_no_complaint();
    row_bytes_ = size / static_cast<std::uint64_t>(layout.piece_height);
    // libtiff and this reader must mean the same by a row.
    const std::uint64_t bits = static_cast<std::uint64_t>(layout.piece_width) * layout.bits *
                               (layout.separate ? 1 : layout.samples);
    if (row_bytes_ != (bits + 7) / 8) throw PictureFault{"the TIFF has rows of a rare kind"};
    for (auto& plane : planes_) plane.resize(size);
  }

  void run(std::uint8_t* out) {
    for (std::int64_t y = 0; y < layout_.height; y += layout_.piece_height) {
      for (std::int64_t x = 0; x < layout_.width; x += layout_.piece_width) {
        for (std::size_t c = 0; c < planes_.size(); ++c) read_piece(x, y, c);
        const std::int64_t rows = std::min(layout_.piece_height, layout_.height - y);
        const std::int64_t columns = std::min(layout_.piece_width, layout_.width - x);
        for (std::int64_t row = 0; row < rows; ++row) {
          put_row(row, columns, out + 3 * ((y + row) * layout_.width + x));
        }
      }
    }
  }

 private:
  void read_piece(std::int64_t x, std::int64_t y, std::size_t channel) {
    TIFF* tiff = file_.get();
    const auto column = static_cast<std::uint32_t>(x), row = static_cast<std::uint32_t>(y);
    const auto plane = static_cast<std::uint16_t>(channel);
    std::uint8_t* target = planes_[channel].data();
    std::uint64_t wanted = planes_[channel].size();
    tmsize_t got = 0;
    if (layout_.tiled) {
      const std::uint32_t tile = TIFFComputeTile(tiff, column, row, 0, plane);
      check_packing(tile, wanted);
      got = TIFFReadEncodedTile(tiff, tile, target, static_cast<tmsize_t>(wanted));
    } else {
      wanted = row_bytes_ *
               static_cast<std::uint64_t>(std::min(layout_.piece_height, layout_.height - y));
      const std::uint32_t strip = TIFFComputeStrip(tiff, row, plane);
      check_packing(strip, wanted);
      got = TIFFReadEncodedStrip(tiff, strip, target, static_cast<tmsize_t>(wanted));
    }
    file_.need_no_complaint();
    if (got != static_cast<tmsize_t>(wanted)) {
      throw PictureFault{"the TIFF is damaged: a piece at row " + std::to_string(y) +
                         " holds too little data"};
    }
  }

  /// \param size  of what is unpacked, in bytes
  void check_packing(std::uint32_t piece, std::uint64_t size) const {
    const auto packing = file_.value<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    const auto order = file_.value<std::uint16_t>(TIFFTAG_FILLORDER, FILLORDER_MSB2LSB);
    if (order != FILLORDER_MSB2LSB) return;
    const std::string_view packed = bytes_.slice(TIFFGetStrileOffset(file_.get(), piece),
                                                 TIFFGetStrileByteCount(file_.get(), piece));
    if (packing == COMPRESSION_PACKBITS) check_packbits(packed, size);
    const bool deflated = packing == COMPRESSION_ADOBE_DEFLATE || packing == COMPRESSION_DEFLATE;
    if (deflated) check_deflate(packed);
  }

  void put_row(std::int64_t row, std::int64_t columns, std::uint8_t* out) const {
    Planes planes{};
    for (std::size_t c = 0; c < planes_.size(); ++c) {
      planes[c] = planes_[c].data() + row_bytes_ * static_cast<std::uint64_t>(row);
    }
    const TiffRow from(layout_, planes);
    for (std::size_t x = 0; x < static_cast<std::size_t>(columns); ++x, out += 3) {
      put_pixel(from, x, out);
    }
  }

  void put_pixel(const TiffRow& from, std::size_t x, std::uint8_t* out) const {
    switch (layout_.colour) {
      case TiffColour::kGrey: {
        const std::uint32_t most = layout_.bits >= 8 ? 255 : (1U << layout_.bits) - 1;
        std::uint32_t value = from.raw(x, 0) * 255U / most;
        if (layout_.white_is_zero) value = 255 - value;
        std::fill_n(out, 3, static_cast<std::uint8_t>(value));
        break;
      }
      case TiffColour::kPalette:
        std::copy_n(layout_.palette[from.raw(x, 0)].begin(), 3, out);
        break;
      case TiffColour::kCmyk: {
        const std::array<std::uint8_t, 4> ink = {from.raw(x, 0), from.raw(x, 1), from.raw(x, 2),
                                                 from.raw(x, 3)};
        cmyk_to_rgb(ink.data(), out);
        break;
      }
      default:
        for (std::size_t c = 0; c < 3; ++c) out[c] = from.raw(x, c);
    }
    if (!layout_.multiplied) return;
    const std::uint8_t alpha = from.raw(x, layout_.samples - 1);
    for (std::size_t c = 0; c < 3; ++c) out[c] = divided(out[c], alpha);
  }

  PictureBytes bytes_;
  const TiffFile& file_;
  const TiffLayout& layout_;
  std::uint64_t row_bytes_ = 0;
  std::vector<std::vector<std::uint8_t>> planes_;  ///< one piece of each channel, or of all
};

/// YCbCr that is not JPEG comes in many samplings, of which libtiff makes RGB itself.
void decode_ycbcr(const TiffFile& file, const TiffLayout& layout, std::uint8_t* out) {
  constexpr int kStopAtErrors = 1;
  std::array<char, 1024> why{};
  TIFFRGBAImage image{};
  const int begun = TIFFRGBAImageBegin(&image, file.get(), kStopAtErrors, why.data());
  file.need_no_complaint();
  if (begun != 1) throw PictureFault{"the TIFF cannot be decoded: " + std::string(why.data())};
  const std::size_t count = static_cast<std::size_t>(layout.width * layout.height);
  std::vector<std::uint32_t> raster(count);
  image.req_orientation = image.orientation;  // not turned
  const int good = TIFFRGBAImageGet(&image, raster.data(), static_cast<std::uint32_t>(layout.width),
                                    static_cast<std::uint32_t>(layout.height));
  TIFFRGBAImageEnd(&image);
  file.need_no_complaint();
  if (good != 1) throw PictureFault{"the TIFF is damaged: its data cannot be decoded"};
  for (const std::uint32_t pixel : raster) {
    *out++ = static_cast<std::uint8_t>(TIFFGetR(pixel));
    *out++ = static_cast<std::uint8_t>(TIFFGetG(pixel));
    *out++ = static_cast<std::uint8_t>(TIFFGetB(pixel));
  }
}

}  // namespace

at::Tensor decode_tiff(std::string_view bytes, const PictureHeader& header) {
  const TiffFile file(bytes);
  const TiffLayout layout = read_tiff_layout(file);
  need_same_size(header, layout.width, layout.height);
  at::Tensor pixels = at::empty({layout.height, layout.width, 3}, at::kByte);
  auto* out = pixels.data_ptr<std::uint8_t>();
  if (layout.colour == TiffColour::kYcbcr) {
    decode_ycbcr(file, layout, out);
  } else {
    TiffDecoder(bytes, file, layout).run(out);
  }
  return pixels;
}

}  // namespace robiq
