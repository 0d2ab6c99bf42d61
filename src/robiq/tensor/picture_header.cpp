#include "robiq/tensor/picture_header.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/tensor/image_io.h"
#include "robiq/tensor/jpeg_check.h"
#include "robiq/tensor/picture_bytes.h"

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
  std::uint64_t at = kPngMagic.size();
  if (bytes.big32(at) != 13 || bytes.slice(at + 4, 4) != "IHDR") {
    throw PictureFault{"the PNG is damaged: it does not begin with its header chunk"};
  }
  const PictureHeader header = {PictureKind::kPng, bytes.big32(at + 8), bytes.big32(at + 12)};
  std::uint64_t packed = 0;
  while (true) {
    const std::uint64_t length = bytes.big32(at);
    const std::string_view type_and_data = bytes.slice(at + 4, length + 4);
    const std::string_view type = type_and_data.substr(0, 4);
    if (crc32(type_and_data) != bytes.big32(at + 8 + length)) {
      throw PictureFault{"the PNG is damaged: chunk " + std::string(type) + " at byte " +
                         std::to_string(at) + " does not match its checksum"};
    }
    if (type == "IDAT") packed += length;
    if (type == "IEND") break;
    at += length + 12;
  }
  if (packed == 0) throw PictureFault{"the PNG is damaged: it holds no picture data"};
  check_size(header);
  check_png_room(header, bytes.u8(24), packed);
  return header;
}

PictureHeader check_bmp(const PictureBytes& bytes) {
  const std::uint64_t data = bytes.little32(10), header_size = bytes.little32(14);
  if (header_size < 12) throw PictureFault{"the BMP is damaged: its header is too short"};
  const bool old = header_size == 12;
  // Sizes are signed; a negative height means that the rows run downwards.
  const auto signed32 = [&](std::uint64_t at) {
    return static_cast<std::int64_t>(static_cast<std::int32_t>(bytes.little32(at)));
  };
  const std::int64_t width = old ? bytes.little16(18) : signed32(18);
  const std::int64_t height = old ? bytes.little16(20) : std::abs(signed32(22));
  const std::uint64_t depth = bytes.little16(old ? 24 : 28);
  const std::uint32_t packing = old ? 0 : bytes.little32(30);
  const bool runs = packing == 1 || packing == 2;  // run lengths: no size can be expected
  if (width > 0 && height > 0 && width < 1 << 24 && height < 1 << 24 && !runs) {
    const std::uint64_t row = (static_cast<std::uint64_t>(width) * depth + 31) / 32 * 4;
    bytes.need(data, row * static_cast<std::uint64_t>(height));
  }
  return {PictureKind::kBmp, width, height};
}

/// Width, height, bits, strips (offsets, sizes), tiles (offsets, sizes), kind of number.
constexpr std::array<std::uint32_t, 8> kTiffTags = {256, 257, 258, 273, 279, 324, 325, 339};

/// The numbers of the first picture's tags in a TIFF file.
class TiffTags {
 public:
  explicit TiffTags(const PictureBytes& bytes) : bytes_(bytes), big_(bytes.starts_with("MM")) {
    const std::uint64_t folder = word32(4);
    const std::uint32_t count = word16(folder);
    for (std::uint32_t i = 0; i < count; ++i) read_tag(folder + 2 + 12 * i);
  }
  [[nodiscard]] std::vector<std::uint64_t> all(std::uint32_t tag) const {
    const auto found = tags_.find(tag);
    return found == tags_.end() ? std::vector<std::uint64_t>{} : found->second;
  }
  [[nodiscard]] std::uint64_t first(std::uint32_t tag, std::uint64_t otherwise) const {
    const auto found = tags_.find(tag);
    return found == tags_.end() || found->second.empty() ? otherwise : found->second.front();
  }

 private:
  [[nodiscard]] std::uint32_t word16(std::uint64_t at) const {
    return big_ ? bytes_.big16(at) : bytes_.little16(at);
  }
  [[nodiscard]] std::uint32_t word32(std::uint64_t at) const {
    return big_ ? bytes_.big32(at) : bytes_.little32(at);
  }
  void read_tag(std::uint64_t at) {
    const std::uint32_t tag = word16(at), type = word16(at + 2);
    const std::uint64_t count = word32(at + 4);
    if (std::find(kTiffTags.begin(), kTiffTags.end(), tag) == kTiffTags.end()) return;
    if ((type != 3 && type != 4) || tags_.contains(tag)) return;  // 16- or 32-bit integers
    const std::uint64_t step = type == 3 ? 2 : 4;
    const std::uint64_t from = count * step <= 4 ? at + 8 : word32(at + 8);
    bytes_.need(from, count * step);
    std::vector<std::uint64_t>& values = tags_[tag];
    for (std::uint64_t i = 0; i < count; ++i) {
      values.push_back(type == 3 ? word16(from + i * step) : word32(from + i * step));
    }
  }

  PictureBytes bytes_;
  bool big_;
  std::map<std::uint32_t, std::vector<std::uint64_t>> tags_;
};

PictureHeader check_tiff(const PictureBytes& bytes) {
  const TiffTags tags(bytes);
  for (const auto& [offset_tag, size_tag] : {std::pair{273U, 279U}, std::pair{324U, 325U}}) {
    const auto offsets = tags.all(offset_tag), sizes = tags.all(size_tag);
    for (std::size_t i = 0; i < std::min(offsets.size(), sizes.size()); ++i) {
      bytes.need(offsets[i], sizes[i]);
    }
  }
  if (tags.all(273).empty() && tags.all(324).empty()) {
    throw PictureFault{"the TIFF is damaged: it points at no picture data"};
  }
  if (tags.first(339, 1) != 1 || tags.first(258, 1) > 16) {
    throw PictureFault{"the TIFF holds numbers that are no 8- or 16-bit brightness",
                       "export it with 8 bits a channel"};
  }
  return {PictureKind::kTiff, static_cast<std::int64_t>(tags.first(256, 0)),
          static_cast<std::int64_t>(tags.first(257, 0))};
}

PictureHeader check_webp(const PictureBytes& bytes) {
  bytes.need(8, bytes.little32(4));
  const std::string_view kind = bytes.slice(12, 4);
  const auto size14 = [&](std::uint64_t at, int shift) {
    return static_cast<std::int64_t>(bytes.little32(at) >> shift & 0x3FFF);
  };
  const auto size24 = [&](std::uint64_t at) {
    return static_cast<std::int64_t>(bytes.little16(at) | bytes.u8(at + 2) << 16) + 1;
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
  if (bytes.size() == 0) throw PictureFault{"the file is empty"};
  if (bytes.starts_with("\xFF\xD8\xFF"sv)) return check_jpeg(bytes);
  if (bytes.starts_with(kPngMagic)) return check_png(bytes);
  if (bytes.starts_with("BM") && bytes.size() >= 14) return check_bmp(bytes);
  if (bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv)) return check_tiff(bytes);
  if (bytes.starts_with("RIFF") && bytes.size() >= 16 && bytes.slice(8, 4) == "WEBP") {
    return check_webp(bytes);
  }
  throw PictureFault{"the file is no picture: it begins as neither JPEG, PNG, BMP, TIFF nor WebP",
                     "give a picture, or convert it to PNG"};
}

}  // namespace

PictureHeader inspect_picture(std::string_view bytes, const std::string& name) {
  try {
    const PictureHeader header = check(PictureBytes(bytes));
    check_size(header);
    return header;
  } catch (const PictureFault& fault) {
    throw Error(ErrorKind::kData, {fault.what, name, fault.mend});
  }
}

}  // namespace robiq
