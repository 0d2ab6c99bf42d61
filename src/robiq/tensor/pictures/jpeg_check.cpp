#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/pictures/jpeg_entropy.h"
#include "robiq/tensor/pictures/picture_decoders.h"

namespace robiq {
namespace {

constexpr std::uint32_t kEndOfImage = 0xD9, kStartOfScan = 0xDA, kHuffmanTables = 0xC4,
                        kRestartInterval = 0xDD;
constexpr std::uint64_t kMostPadding = 512;

/// More scans than any program writes: each costs a pass over the picture, however short it is.
constexpr std::int64_t kMostScans = 100, kMostScanPixels = 16 * kMaxPicturePixels;

bool is_restart(std::uint32_t marker) { return marker >= 0xD0 && marker <= 0xD7; }
bool is_frame(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != kHuffmanTables && marker != 0xC8 &&
         marker != 0xCC;
}

struct Component {
  std::uint32_t id = 0, across = 1, down = 1;  ///< sampling factors
  bool begun = false;                          ///< a scan gave its first coefficients
};
struct ScanPart {
  Component component;
  const JpegHuffmanTable* dc = nullptr;
  const JpegHuffmanTable* ac = nullptr;
};

class JpegWalk {
 public:
  explicit JpegWalk(const PictureBytes& bytes) : bytes_(bytes) {}

  PictureHeader run() {
    std::uint64_t place = 2;
    while (true) {
      const std::size_t mark = bytes_.all().find('\xFF', place);
      if (mark == std::string_view::npos || mark + 1 >= bytes_.size()) throw_jpeg_cut_off();
      const std::uint32_t marker = bytes_.u8(mark + 1);
      place = mark + (marker == 0xFF ? 1 : 2);
      if (marker == kEndOfImage) break;
      if (marker == 0 || marker == 0xFF || marker == 0x01 || is_restart(marker)) continue;
      const std::uint32_t length = bytes_.big16(place);
      if (length < 2) throw_jpeg_damaged("a segment is shorter than its own length field");
      bytes_.need(place, length);
      segment(marker, place + 2, length - 2);
      place += length;
      if (marker == kStartOfScan) check_scan(place);
    }
    if (width_ == 0 || scans_ == 0) {
      throw PictureFault{.what = "the JPEG is damaged: it ends before any picture data",
                         .cut_off = true};
    }
    const bool known = frame_ <= 0xC2 || frame_ == 0xC9 || frame_ == 0xCA;
    if (known && !std::ranges::all_of(components_, &Component::begun)) throw_jpeg_cut_off();
    return {PictureKind::kJpeg, width_, height_};
  }

 private:
  void segment(std::uint32_t marker, std::uint64_t place, std::uint32_t length) {
    if (is_frame(marker)) read_frame(marker, place, length);
    if (marker == kHuffmanTables) read_tables(place, place + length);
    if (marker == kRestartInterval) restart_ = bytes_.big16(place);
    if (marker == kStartOfScan) read_scan(place, length);
  }

  void read_frame(std::uint32_t marker, std::uint64_t place, std::uint32_t length) {
    if (width_ != 0) throw_jpeg_damaged("it has two frame headers");
    frame_ = marker;
    height_ = bytes_.big16(place + 1);
    width_ = bytes_.big16(place + 3);
    const std::uint32_t count = bytes_.u8(place + 5);
    if (height_ == 0 || width_ == 0) throw_jpeg_damaged("its header gives no size");
    if (count == 0 || count > 4 || length < 6 + 3 * count)
      throw_jpeg_damaged("its frame header is too short");
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t factors = bytes_.u8(place + 7 + 3 * i);
      components_.push_back({bytes_.u8(place + 6 + 3 * i), factors >> 4, factors & 15});
      if (factors >> 4 == 0 || factors >> 4 > 4 || (factors & 15) == 0 || (factors & 15) > 4) {
        throw_jpeg_damaged("its header gives no sampling factors");
      }
      most_across_ = std::max(most_across_, factors >> 4);
      most_down_ = std::max(most_down_, factors & 15);
    }
  }

  void read_tables(std::uint64_t place, std::uint64_t end) {
    while (place < end) {
      const std::uint32_t which = bytes_.u8(place);
      const std::string_view counts = bytes_.slice(place + 1, 16);
      std::uint64_t total = 0;
      for (const char count : counts) total += static_cast<unsigned char>(count);
      if ((which & 15) > 3 || which >> 4 > 1 || total > 256 || place + 17 + total > end) {
        throw_jpeg_damaged("a Huffman table is wrong");
      }
      tables_[which >> 4][which & 15] = JpegHuffmanTable(counts, bytes_.slice(place + 17, total));
      place += 17 + total;
    }
  }

  void read_scan(std::uint64_t place, std::uint32_t length) {
    const std::uint32_t count = bytes_.u8(place);
    if (width_ == 0) throw_jpeg_damaged("picture data comes before the frame header");
    if (count == 0 || count > 4 || length < 4 + 2 * count)
      throw_jpeg_damaged("a scan header is too short");
    parts_.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t id = bytes_.u8(place + 1 + 2 * i), which = bytes_.u8(place + 2 + 2 * i);
      const auto found = std::find_if(components_.begin(), components_.end(),
                                      [&](const Component& c) { return c.id == id; });
      if (found == components_.end()) throw_jpeg_damaged("a scan is of an unknown component");
      parts_.push_back({*found, &tables_[0][which >> 4 & 3], &tables_[1][which & 3]});
    }
    const std::uint64_t tail = place + 1 + 2 * count;
    first_ = bytes_.u8(tail);
    refines_ = bytes_.u8(tail + 2) >> 4 != 0;
    for (Component& component : components_) {
      const auto is_it = [&](const ScanPart& part) { return part.component.id == component.id; };
      const bool gives = first_ == 0 && !refines_ && std::ranges::any_of(parts_, is_it);
      component.begun = component.begun || gives;
    }
    count_scan();
  }

  /// Progressive pictures come in about ten scans, others in one a component at most.
  void count_scan() {
    ++scans_;
    const bool progressive = frame_ == 0xC2 || frame_ == 0xCA;
    const std::int64_t most = progressive ? kMostScans : std::ssize(components_);
    if (scans_ > most || scans_ > kMostScanPixels / width_ / height_) {
      throw PictureFault{"the JPEG has more than " + std::to_string(scans_ - 1) +
                             " scans, too many for what it is",
                         "open it in another program and export it again"};
    }
  }

  void check_scan(std::uint64_t place) const {
    const bool sequential = frame_ == 0xC0 || frame_ == 0xC1;
    const bool first_progressive = frame_ == 0xC2 && first_ == 0 && !refines_;
    if (!sequential && !first_progressive) return;
    JpegBits bits(bytes_.all(), place);
    const std::uint64_t units = unit_count();
    for (std::uint64_t unit = 0; unit < units; ++unit) {
      if (restart_ != 0 && unit != 0 && unit % restart_ == 0 && !is_restart(bits.next_marker())) {
        throw_jpeg_cut_off();
      }
      for (const ScanPart& part : parts_) {
        const std::uint32_t blocks =
            parts_.size() == 1 ? 1 : part.component.across * part.component.down;
        for (std::uint32_t block = 0; block < blocks; ++block) {
          skip_block(bits, part, sequential);
        }
      }
    }
    // Some encoders pad a scan; a header that claims too little leaves far more.
    if (bits.bytes_before_marker() > kMostPadding) {
      throw PictureFault{"the JPEG has data for more pixels than its header claims"};
    }
  }

  /// Minimum coded units of a scan: of one component its own blocks, otherwise T.81 A.2.3.
  [[nodiscard]] std::uint64_t unit_count() const {
    std::uint64_t width = static_cast<std::uint64_t>(width_);
    std::uint64_t height = static_cast<std::uint64_t>(height_);
    std::uint64_t across = most_across_ * 8, down = most_down_ * 8;
    if (parts_.size() == 1) {
      const Component& c = parts_.front().component;
      width = (width * c.across + most_across_ - 1) / most_across_;
      height = (height * c.down + most_down_ - 1) / most_down_;
      across = down = 8;
    }
    return ((width + across - 1) / across) * ((height + down - 1) / down);
  }

  static std::uint32_t symbol(JpegBits& bits, const JpegHuffmanTable& table) {
    const std::uint32_t found = table.find(bits.peek16());
    if (found == 0) throw_jpeg_damaged("a code is in no Huffman table");
    bits.skip(found >> 8);
    return found & 0xFF;
  }

  static void skip_block(JpegBits& bits, const ScanPart& part, bool with_ac) {
    bits.skip(std::min(symbol(bits, *part.dc), 16U));
    for (std::uint32_t k = 1; with_ac && k < 64; ++k) {
      const std::uint32_t code = symbol(bits, *part.ac);
      const std::uint32_t run = code >> 4, length = code & 15;
      if (length == 0 && run != 15) break;
      k += run;
      bits.skip(length);
    }
  }

  PictureBytes bytes_;
  std::uint32_t frame_ = 0, restart_ = 0, most_across_ = 1, most_down_ = 1, first_ = 0;
  bool refines_ = false;
  std::int64_t width_ = 0, height_ = 0, scans_ = 0;
  std::vector<Component> components_;
  std::vector<ScanPart> parts_;
  std::array<std::array<JpegHuffmanTable, 4>, 2> tables_;
};

}  // namespace

PictureHeader check_jpeg(const PictureBytes& bytes) { return JpegWalk(bytes).run(); }

}  // namespace robiq
