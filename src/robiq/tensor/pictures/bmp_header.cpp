#include "robiq/tensor/pictures/bmp_header.h"

#include <algorithm>

namespace robiq {
namespace {

constexpr std::uint64_t kFileHeader = 14, kOldest = 12, kUsual = 40;

BmpPacking packing_of(std::uint32_t code, std::uint32_t bits) {
  constexpr std::uint32_t kWithAlpha = 6;  // bit fields, of which a fourth is named
  if (code == 0) return BmpPacking::kNone;
  if (code == 1 && bits == 8) return BmpPacking::kRuns8;
  if (code == 2 && bits == 4) return BmpPacking::kRuns4;
  if ((code == 3 || code == kWithAlpha) && bits >= 16) return BmpPacking::kBitFields;
  throw PictureFault{"the BMP is packed in way " + std::to_string(code) + " at " +
                         std::to_string(bits) + " bits a pixel, which is not read",
                     "export it as PNG"};
}

void read_masks(const PictureBytes& bytes, std::uint64_t size, BmpHeader& header) {
  constexpr std::uint64_t kWithMasks = 52, kWithAlphaMask = 56;
  // Where the header has no room for them they follow it, at the same place.
  for (std::uint64_t i = 0; i < 3; ++i) {
    header.masks[i] = bytes.little32(kFileHeader + kUsual + 4 * i);
  }
  if (size >= kWithAlphaMask) header.masks[3] = bytes.little32(kFileHeader + kWithMasks);
}

void read_usual(const PictureBytes& bytes, std::uint64_t size, BmpHeader& header) {
  const auto word = [&](std::uint64_t place) { return bytes.little32(kFileHeader + place); };
  header.width = static_cast<std::int32_t>(word(4));
  const std::int64_t height = static_cast<std::int32_t>(word(8));
  header.downwards = height < 0;
  header.height = std::abs(height);
  header.bits = bytes.little16(kFileHeader + 14);
  header.packing = packing_of(word(16), header.bits);
  header.colours = word(32);
  if (header.packing == BmpPacking::kBitFields) read_masks(bytes, size, header);
}

/// Where the colour table and the pixels begin.
void find_parts(const PictureBytes& bytes, std::uint64_t size, BmpHeader& header) {
  const bool masks_follow = header.packing == BmpPacking::kBitFields && size == kUsual;
  header.colours_at = kFileHeader + size + (masks_follow ? 12 : 0);
  const bool table = header.bits <= 8;
  const std::uint64_t most = std::uint64_t{1} << std::min(header.bits, 8U);
  if (header.colours == 0) header.colours = most;
  if (table && header.colours > 65536) {
    throw PictureFault{"the BMP claims a table of " + std::to_string(header.colours) + " colours"};
  }
  const std::uint64_t after = header.colours_at + (table ? header.colours * header.colour_size : 0);
  header.pixels_at = bytes.little32(10);
  // Some programs forget the place of the pixels, or the colour table before them.
  const bool forgotten = header.pixels_at == 0 || (table && header.pixels_at == header.colours_at);
  if (forgotten) header.pixels_at = after;
  if (table) bytes.need(header.colours_at, header.colours * header.colour_size);
  header.colours = std::min(header.colours, most);
}

}  // namespace

BmpHeader read_bmp_header(const PictureBytes& bytes) {
  constexpr std::array<std::uint64_t, 7> kSizes = {kOldest, kUsual, 52, 56, 64, 108, 124};
  constexpr std::array<std::uint32_t, 6> kBits = {1, 4, 8, 16, 24, 32};
  const std::uint64_t size = bytes.little32(kFileHeader);
  if (std::find(kSizes.begin(), kSizes.end(), size) == kSizes.end()) {
    throw PictureFault{
        "the BMP has a header of " + std::to_string(size) + " bytes, a kind that is not read",
        "export it as PNG"};
  }
  bytes.need(kFileHeader, size);
  BmpHeader header;
  if (size == kOldest) {
    header.width = bytes.little16(kFileHeader + 4);
    header.height = bytes.little16(kFileHeader + 6);
    header.bits = bytes.little16(kFileHeader + 10);
    header.colour_size = 3;
  } else {
    read_usual(bytes, size, header);
  }
  if (std::find(kBits.begin(), kBits.end(), header.bits) == kBits.end()) {
    throw PictureFault{
        "the BMP has " + std::to_string(header.bits) + " bits a pixel, which is not read",
        "export it as PNG"};
  }
  find_parts(bytes, size, header);
  return header;
}

namespace {

class RunReader {
 public:
  RunReader(const PictureBytes& bytes, const BmpHeader& header)
      : bytes_(bytes),
        place_(header.pixels_at),
        width_(static_cast<std::uint64_t>(header.width)),
        height_(static_cast<std::uint64_t>(header.height)),
        halves_(header.packing == BmpPacking::kRuns4),
        pixels_(width_ * height_, 0) {}

  std::vector<std::uint8_t> run() {
    while (y_ < height_) {
      const std::uint32_t count = next(), code = next();
      if (count > 0) {
        repeat(count, code);
      } else if (code == 0) {
        end_row();
      } else if (code == 1) {
        break;
      } else if (code == 2) {
        skip();
      } else {
        copy(code);
      }
      if (y_ + 1 == height_ && x_ == width_) return std::move(pixels_);
    }
    if (y_ < height_)
      throw PictureFault{"the BMP is damaged: its runs end before the picture does"};
    return std::move(pixels_);
  }

 private:
  std::uint32_t next() { return bytes_.u8(place_++); }

  void put(std::uint32_t index) {
    if (x_ >= width_) throw PictureFault{"the BMP is damaged: a run leaves its row"};
    pixels_[y_ * width_ + x_++] = static_cast<std::uint8_t>(index);
  }
  void repeat(std::uint32_t count, std::uint32_t value) {
    for (std::uint32_t i = 0; i < count; ++i) {
      put(!halves_ ? value : i % 2 == 0 ? value >> 4 : value & 15);
    }
  }
  void copy(std::uint32_t count) {
    std::uint32_t value = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!halves_ || i % 2 == 0) value = next();
      put(!halves_ ? value : i % 2 == 0 ? value >> 4 : value & 15);
    }
    const std::uint32_t used = halves_ ? (count + 1) / 2 : count;
    place_ += used % 2;  // runs begin at even distances
  }
  void skip() {
    x_ += next();
    y_ += next();
    if (x_ > width_ || y_ >= height_) {
      throw PictureFault{"the BMP is damaged: a run leaves the picture"};
    }
  }
  /// Programs that write runs fill every row: one that ends early was overwritten, often by zeros,
  /// which are the sign for the end of a row.
  void end_row() {
    if (x_ < width_) throw PictureFault{"the BMP is damaged: a row of its runs ends early"};
    x_ = 0;
    ++y_;
  }

  PictureBytes bytes_;
  std::uint64_t place_, width_, height_, x_ = 0, y_ = 0;
  bool halves_;  ///< two pixels a byte
  std::vector<std::uint8_t> pixels_;
};

}  // namespace

std::vector<std::uint8_t> unpack_bmp_runs(const PictureBytes& bytes, const BmpHeader& header) {
  return RunReader(bytes, header).run();
}

}  // namespace robiq
