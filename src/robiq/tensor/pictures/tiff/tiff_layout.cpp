#include "robiq/tensor/pictures/tiff/tiff_layout.h"

#include <algorithm>
#include <string>

#include "robiq/tensor/pictures/picture_bytes.h"

namespace robiq {
namespace {

const char* const kAsRgb = "export it as RGB with 8 or 16 bits a channel";

std::string name_of(std::uint16_t photometric) {
  switch (photometric) {
    case PHOTOMETRIC_MASK:
      return "a transparency mask";
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
    case PHOTOMETRIC_ITULAB:
      return "L*a*b* colours";
    case PHOTOMETRIC_LOGL:
    case PHOTOMETRIC_LOGLUV:
      return "logarithmic light (LogLuv)";
    case PHOTOMETRIC_CFA:
      return "a camera's raw mosaic (CFA)";
    default:
      return "colours of kind " + std::to_string(photometric);
  }
}

TiffColour colour_of(std::uint16_t photometric) {
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
      return TiffColour::kGrey;
    case PHOTOMETRIC_RGB:
      return TiffColour::kRgb;
    case PHOTOMETRIC_PALETTE:
      return TiffColour::kPalette;
    case PHOTOMETRIC_SEPARATED:
      return TiffColour::kCmyk;
    case PHOTOMETRIC_YCBCR:
      return TiffColour::kYcbcr;
    default:
      throw PictureFault{
          "the TIFF holds a kind of colour that is not read: " + name_of(photometric), kAsRgb};
  }
}

std::uint32_t channels_of(TiffColour colour) {
  const bool single = colour == TiffColour::kGrey || colour == TiffColour::kPalette;
  return single ? 1 : colour == TiffColour::kCmyk ? 4 : 3;
}

void check_numbers(const TiffFile& file, const TiffLayout& layout) {
  const auto format = file.value<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  if (format != SAMPLEFORMAT_UINT) {
    throw PictureFault{"the TIFF holds numbers other than 8- or 16-bit brightness (" +
                           std::string(format == SAMPLEFORMAT_IEEEFP ? "floating point"
                                       : format == SAMPLEFORMAT_INT  ? "signed"
                                                                     : "of a rare kind") +
                           ")",
                       "export it with 8 bits a channel"};
  }
  const bool single = layout.samples == 1;
  const std::uint32_t bits = layout.bits;
  const bool wide =
      bits == 16 && layout.colour != TiffColour::kPalette && layout.colour != TiffColour::kYcbcr;
  if (bits == 8 || wide || (single && (bits == 1 || bits == 2 || bits == 4))) return;
  throw PictureFault{"the TIFF has " + std::to_string(bits) +
                         " bits a channel, which are not read for its kind of colour",
                     "export it with 8 bits a channel"};
}

/// Colours, then at most one more, which is alpha or unknown.
void read_channels(const TiffFile& file, TiffLayout& layout) {
  layout.samples = file.value<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
  const std::uint32_t colours = channels_of(layout.colour);
  const std::uint32_t most = colours + (layout.colour == TiffColour::kYcbcr ? 0 : 1);
  if (layout.samples < colours || layout.samples > most) {
    throw PictureFault{"the TIFF has " + std::to_string(layout.samples) +
                           " channels, where its kind of colour has " + std::to_string(colours) +
                           " and at most one more is read",
                       "export it without its extra channels"};
  }
  std::uint16_t count = 0;
  std::uint16_t* kinds = nullptr;
  TIFFGetFieldDefaulted(file.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds);
  layout.multiplied = layout.samples > colours && count == 1 && kinds[0] == EXTRASAMPLE_ASSOCALPHA;
  const bool grey = layout.colour == TiffColour::kGrey && !layout.white_is_zero;
  const bool divisible = grey || layout.colour == TiffColour::kRgb;
  if (layout.multiplied && !divisible) {
    throw PictureFault{"the TIFF has colours of a rare kind that were multiplied by alpha", kAsRgb};
  }
  const auto inks = file.value<std::uint16_t>(TIFFTAG_INKSET, INKSET_CMYK);
  if (layout.colour == TiffColour::kCmyk && inks != INKSET_CMYK) {
    throw PictureFault{"the TIFF holds inks other than cyan, magenta, yellow and black", kAsRgb};
  }
}

void read_palette(const TiffFile& file, TiffLayout& layout) {
  std::array<std::uint16_t*, 3> columns{};
  if (TIFFGetField(file.get(), TIFFTAG_COLORMAP, &columns[0], &columns[1], &columns[2]) != 1) {
    throw PictureFault{"the TIFF is damaged: its colour table is missing"};
  }
  layout.palette.resize(std::size_t{1} << layout.bits);
  std::uint16_t most = 0;
  for (std::size_t i = 0; i < layout.palette.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      most = std::max(most, columns[c][i]);
      layout.palette[i][c] = static_cast<std::uint8_t>(columns[c][i] >> 8);
    }
  }
  if (most != 0 && most < 256) {
    throw PictureFault{"the TIFF has a colour table of 8 bits, where 16 are meant to be", kAsRgb};
  }
}

void read_pieces(const TiffFile& file, TiffLayout& layout) {
  layout.separate = file.value<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) ==
                        PLANARCONFIG_SEPARATE &&
                    layout.samples > 1;
  layout.tiled = TIFFIsTiled(file.get()) != 0;
  if (layout.tiled) {
    layout.piece_width = file.value<std::uint32_t>(TIFFTAG_TILEWIDTH);
    layout.piece_height = file.value<std::uint32_t>(TIFFTAG_TILELENGTH);
  } else {
    layout.piece_width = layout.width;
    layout.piece_height =
        std::min<std::int64_t>(layout.height, file.value<std::uint32_t>(TIFFTAG_ROWSPERSTRIP));
  }
  if (layout.piece_width <= 0 || layout.piece_height <= 0) {
    throw PictureFault{"the TIFF is damaged: its pieces have no size"};
  }
}

/// JPEG stores YCbCr, which libtiff turns into RGB when it is asked.
void settle_jpeg(const TiffFile& file, TiffLayout& layout) {
  const auto packing = file.value<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (packing == COMPRESSION_OJPEG) {
    throw PictureFault{"the TIFF is packed as JPEG in the way that was given up in 1995",
                       "export it again, as JPEG or PNG"};
  }
  if (packing != COMPRESSION_JPEG || layout.colour != TiffColour::kYcbcr) return;
  if (layout.separate) throw PictureFault{"the TIFF is damaged: JPEG data in separate planes"};
  TIFFSetField(file.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  layout.colour = TiffColour::kRgb;
}

}  // namespace

TiffLayout read_tiff_layout(const TiffFile& file) {
  TiffLayout layout;
  std::uint16_t photometric = 0;
  if (TIFFGetField(file.get(), TIFFTAG_PHOTOMETRIC, &photometric) != 1) {
    throw PictureFault{"the TIFF does not say what its colours are"};
  }
  layout.width = file.value<std::uint32_t>(TIFFTAG_IMAGEWIDTH);
  layout.height = file.value<std::uint32_t>(TIFFTAG_IMAGELENGTH);
  layout.colour = colour_of(photometric);
  layout.white_is_zero = photometric == PHOTOMETRIC_MINISWHITE;
  layout.bits = file.value<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
  read_channels(file, layout);
  check_numbers(file, layout);
  read_pieces(file, layout);
  if (layout.colour == TiffColour::kPalette) read_palette(file, layout);
  settle_jpeg(file, layout);
  file.need_no_complaint();
  return layout;
}

}  // namespace robiq
