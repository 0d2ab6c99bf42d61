#include "robiq/tensor/pictures/tiff/tiff_check.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace robiq {
namespace {

using namespace std::string_view_literals;

enum Tag : std::uint32_t {
  kWidth = 256,
  kHeight = 257,
  kStripOffsets = 273,
  kStripSizes = 279,
  kTileWidth = 322,
  kTileHeight = 323,
  kTileOffsets = 324,
  kTileSizes = 325,
};
constexpr std::array<std::uint32_t, 8> kWanted = {
    kWidth, kHeight, kStripOffsets, kStripSizes, kTileWidth, kTileHeight, kTileOffsets, kTileSizes};

/// More strips or tiles than any program writes.
constexpr std::uint64_t kMostPieces = 1'000'000;

/// The numbers of the first picture's tags.
class TiffTags {
 public:
  explicit TiffTags(const PictureBytes& bytes)
      : bytes_(bytes),
        motorola_(bytes.starts_with("MM")),
        wide_(bytes.starts_with("II+\0"sv) || bytes.starts_with("MM\0+"sv)) {
    const std::uint64_t folder = wide_ ? word64(8) : word32(4);
    const std::uint64_t count = wide_ ? word64(folder) : word16(folder);
    const std::uint64_t first = wide_ ? 8 : 2, step = wide_ ? 20 : 12;
    if (count > bytes.size() / step) {
      throw PictureFault{.what = "the TIFF is cut off in its tags", .cut_off = true};
    }
    bytes.need(folder, first + step * count);
    for (std::uint64_t i = 0; i < count; ++i) read_tag(folder + first + step * i);
  }
  [[nodiscard]] const std::vector<std::uint64_t>& all(Tag tag) const {
    static const std::vector<std::uint64_t> kNone;
    const auto found = tags_.find(tag);
    return found == tags_.end() ? kNone : found->second;
  }
  [[nodiscard]] std::uint64_t first(Tag tag) const {
    const auto& values = all(tag);
    return values.empty() ? 0 : values.front();
  }

 private:
  [[nodiscard]] std::uint32_t word16(std::uint64_t place) const {
    return motorola_ ? bytes_.big16(place) : bytes_.little16(place);
  }
  [[nodiscard]] std::uint64_t word32(std::uint64_t place) const {
    return motorola_ ? bytes_.big32(place) : bytes_.little32(place);
  }
  [[nodiscard]] std::uint64_t word64(std::uint64_t place) const {
    const std::uint64_t first = word32(place), second = word32(place + 4);
    return motorola_ ? first << 32 | second : second << 32 | first;
  }
  /// Bytes of a number of that type; 0: no unsigned integer.
  static std::uint64_t size_of(std::uint32_t type) {
    constexpr std::uint32_t kShort = 3, kLong = 4, kLong8 = 16;
    return type == kShort ? 2 : type == kLong ? 4 : type == kLong8 ? 8 : 0;
  }
  void read_tag(std::uint64_t place) {
    const std::uint32_t tag = word16(place);
    const std::uint64_t step = size_of(word16(place + 2));
    const std::uint64_t count = wide_ ? word64(place + 4) : word32(place + 4);
    if (std::find(kWanted.begin(), kWanted.end(), tag) == kWanted.end()) return;
    if (step == 0 || tags_.contains(tag)) return;
    if (count > kMostPieces) {
      throw PictureFault{"the TIFF claims to consist of " + std::to_string(count) + " pieces",
                         "export it again, in larger strips or tiles"};
    }
    const std::uint64_t value = place + (wide_ ? 12 : 8), room = wide_ ? 8 : 4;
    const std::uint64_t from =
        count * step <= room ? value : (wide_ ? word64(value) : word32(value));
    bytes_.need(from, count * step);
    std::vector<std::uint64_t>& values = tags_[tag];
    values.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) values.push_back(number(from + i * step, step));
  }
  [[nodiscard]] std::uint64_t number(std::uint64_t place, std::uint64_t size) const {
    return size == 2 ? word16(place) : size == 4 ? word32(place) : word64(place);
  }

  PictureBytes bytes_;
  bool motorola_, wide_;  ///< byte order; BigTIFF
  std::map<std::uint32_t, std::vector<std::uint64_t>> tags_;
};

/// That every piece lies in the file, and that they do not all lie in the same place.
void check_pieces(const PictureBytes& bytes, const std::vector<std::uint64_t>& offsets,
                  const std::vector<std::uint64_t>& sizes) {
  constexpr std::uint64_t kMostReuse = 16;  // blank pieces may be stored once
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < std::min(offsets.size(), sizes.size()); ++i) {
    bytes.need(offsets[i], sizes[i]);
    total += sizes[i];
  }
  if (total / kMostReuse > bytes.size()) {
    throw PictureFault{"the TIFF names the same bytes again and again",
                       "export it again with another program"};
  }
}

/// That tiles are not far larger than the picture that they cover.
void check_tiles(const PictureHeader& header, std::uint64_t width, std::uint64_t height) {
  constexpr std::uint64_t kUsual = std::uint64_t{1} << 24, kLongest = std::uint64_t{1} << 24;
  if (width == 0 || height == 0 || header.width <= 0 || header.height <= 0) return;
  const auto across = static_cast<std::uint64_t>(header.width);
  const auto down = static_cast<std::uint64_t>(header.height);
  const bool sane = width < kLongest && height < kLongest && across < kLongest && down < kLongest;
  const auto padded = [](std::uint64_t length, std::uint64_t tile) {
    return (length + tile - 1) / tile * tile;
  };
  if (sane && padded(across, width) * padded(down, height) / 4 <= across * down + kUsual) return;
  throw PictureFault{"the TIFF has tiles of " + std::to_string(width) + "x" +
                         std::to_string(height) + " pixels, far larger than the picture needs",
                     "export it again in smaller tiles or in strips"};
}

}  // namespace

bool is_tiff(const PictureBytes& bytes) {
  return bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv) ||
         bytes.starts_with("II+\0"sv) || bytes.starts_with("MM\0+"sv);
}

PictureHeader check_tiff(const PictureBytes& bytes) {
  const TiffTags tags(bytes);
  if (tags.all(kStripOffsets).empty() && tags.all(kTileOffsets).empty()) {
    throw PictureFault{"the TIFF is damaged: it points at no picture data"};
  }
  check_pieces(bytes, tags.all(kStripOffsets), tags.all(kStripSizes));
  check_pieces(bytes, tags.all(kTileOffsets), tags.all(kTileSizes));
  const PictureHeader header = {PictureKind::kTiff, static_cast<std::int64_t>(tags.first(kWidth)),
                                static_cast<std::int64_t>(tags.first(kHeight))};
  check_tiles(header, tags.first(kTileWidth), tags.first(kTileHeight));
  return header;
}

}  // namespace robiq
