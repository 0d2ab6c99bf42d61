#include "robiq/tensor/pictures/picture_header.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "robiq/core/error.h"
#include "robiq/tensor/pictures/bmp_header.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/picture_decoders.h"
#include "robiq/tensor/pictures/tiff/tiff_check.h"

namespace robiq {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPngMagic = "\x89PNG\r\n\x1a\n"sv;

/// CRC-32 as PNG uses it (ISO 3309, reflected polynomial EDB88320).
std::uint32_t crc32(std::string_view bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> entries{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit)
        value = (value & 1) != 0 ? 0xEDB88320U ^ value >> 1 : value >> 1;
      entries[i] = value;
    }
    return entries;
  }();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 255] ^ crc >> 8;
  return ~crc;
}

void check_size(const PictureHeader& header) {
  if (header.width <= 0 || header.height <= 0) {
    throw PictureFault{"the picture claims a size of " + std::to_string(header.width) + "x" +
                       std::to_string(header.height) + " pixels"};
  }
  if (header.width > kMaxPicturePixels / header.height) {
    throw PictureFault{"the picture claims " + std::to_string(header.width) + "x" +
                           std::to_string(header.height) + " pixels, more than the " +
                           std::to_string(kMaxPicturePixels / 1'000'000) +
                           " megapixels that are read",
                       "shrink or crop it first"};
  }
}

/// Deflate packs at most 1032 bytes into one. \param packed  bytes of compressed picture data
void check_png_room(const PictureHeader& header, std::uint64_t depth, std::uint64_t packed) {
  constexpr std::uint64_t kBestPacking = 1032;
  const auto width = static_cast<std::uint64_t>(header.width);
  const std::uint64_t row = width / 8 * depth + width % 8 * depth / 8;
  if (row / kBestPacking * static_cast<std::uint64_t>(header.height) > packed) {
    throw PictureFault{"the PNG claims more pixels than it has data for"};
  }
}

PictureHeader check_png(const PictureBytes& bytes) {
  std::uint64_t offset = kPngMagic.size();
  if (bytes.big32(offset) != 13 || bytes.slice(offset + 4, 4) != "IHDR") {
    throw PictureFault{"the PNG is damaged: it does not begin with its header chunk"};
  }
  const PictureHeader header = {PictureKind::kPng, bytes.big32(offset + 8),
                                bytes.big32(offset + 12)};
  std::uint64_t packed = 0;
  while (true) {
    const std::uint64_t length = bytes.big32(offset);
    const std::string_view type_and_data = bytes.slice(offset + 4, length + 4);
    const std::string_view type = type_and_data.substr(0, 4);
    if (crc32(type_and_data) != bytes.big32(offset + 8 + length)) {
      throw PictureFault{"the PNG is damaged: chunk " + std::string(type) + " at byte " +
                         std::to_string(offset) + " does not match its checksum"};
    }
    if (type == "IDAT") packed += length;
    if (type == "IEND") break;
    offset += length + 12;
  }
  if (packed == 0) throw PictureFault{"the PNG is damaged: it holds no picture data"};
  check_size(header);
  check_png_room(header, bytes.u8(24), packed);
  return header;
}

PictureHeader check_bmp(const PictureBytes& bytes) {
  const BmpHeader bmp = read_bmp_header(bytes);
  const PictureHeader header = {PictureKind::kBmp, bmp.width, bmp.height};
  check_size(header);
  const bool runs = bmp.packing == BmpPacking::kRuns8 || bmp.packing == BmpPacking::kRuns4;
  if (!runs) bytes.need(bmp.pixels_at, bmp.row_bytes() * static_cast<std::uint64_t>(bmp.height));
  return header;
}

PictureHeader check_webp(const PictureBytes& bytes) {
  bytes.need(8, bytes.little32(4));
  const std::string_view kind = bytes.slice(12, 4);
  const auto size14 = [&](std::uint64_t offset, int shift) {
    return static_cast<std::int64_t>(bytes.little32(offset) >> shift & 0x3FFF);
  };
  const auto size24 = [&](std::uint64_t offset) {
    return static_cast<std::int64_t>(bytes.little16(offset) | bytes.u8(offset + 2) << 16) + 1;
  };
  if (kind == "VP8 ") return {PictureKind::kWebp, size14(26, 0), size14(26, 16)};
  if (kind == "VP8L") return {PictureKind::kWebp, size14(21, 0) + 1, size14(21, 14) + 1};
  if (kind != "VP8X") throw PictureFault{"the WebP is damaged: it holds no picture chunk"};
  if ((bytes.u8(20) & 2) != 0) {
    throw PictureFault{"the WebP is an animation", "export one of its pictures"};
  }
  return {PictureKind::kWebp, size24(24), size24(27)};
}

PictureHeader check(const PictureBytes& bytes) {
  if (bytes.size() == 0) {
    throw PictureFault{.what = "the file is empty", .cut_off = true};
  }
  if (bytes.starts_with("\xFF\xD8\xFF"sv)) return check_jpeg(bytes);
  if (bytes.starts_with(kPngMagic)) return check_png(bytes);
  if (bytes.starts_with("BM") && bytes.size() >= 14) return check_bmp(bytes);
  if (is_tiff(bytes)) return check_tiff(bytes);
  if (bytes.starts_with("RIFF") && bytes.size() >= 16 && bytes.slice(8, 4) == "WEBP") {
    return check_webp(bytes);
  }
  throw PictureFault{
      "robiq cannot read this as a picture: its first bytes are not those of JPEG, PNG, BMP, TIFF "
      "or WebP",
      "give a picture, or convert it to PNG; a video's name ends in .mp4, .mkv, .y4m or the like"};
}

}  // namespace

PictureHeader inspect_picture(std::string_view bytes, const std::string& name) {
  try {
    const PictureHeader header = check(PictureBytes(bytes));
    check_size(header);
    return header;
  } catch (const PictureFault& fault) {
    if (fault.cut_off) throw CutOffPicture({fault.what, name, fault.hint});
    throw Error(ErrorKind::kData, {fault.what, name, fault.hint});
  }
}

bool has_picture_ending(const std::filesystem::path& file) {
  static constexpr std::array kEndings = {".jpg", ".jpeg", ".png", ".bmp",
                                          ".tif", ".tiff", ".webp"};
  std::string ending = file.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

}  // namespace robiq
