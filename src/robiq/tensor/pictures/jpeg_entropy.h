#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "robiq/tensor/pictures/picture_bytes.h"

namespace robiq {

[[noreturn]] inline void throw_jpeg_cut_off() {
  throw PictureFault{"the JPEG is cut off, or its header claims more pixels than it has data for",
                     "copy or download the picture again", true};
}
[[noreturn]] inline void throw_jpeg_damaged(const std::string& how) {
  throw PictureFault{"the JPEG is damaged: " + how};
}

/// A canonical Huffman code (T.81 Annex C): per code length the first code and where its symbols
/// start; codes of up to eight bits are also looked up at once.
class JpegHuffmanTable {
 public:
  JpegHuffmanTable() = default;
  JpegHuffmanTable(std::string_view counts, std::string_view symbols) : symbols_(symbols) {
    std::uint32_t code = 0, index = 0;
    for (std::uint32_t length = 1; length <= 16; ++length) {
      const auto count = static_cast<unsigned char>(counts[length - 1]);
      offset_[length] = static_cast<std::int32_t>(index) - static_cast<std::int32_t>(code);
      if (code + count > 1U << length) throw_jpeg_damaged("a Huffman table has too many codes");
      for (std::uint32_t i = 0; i < count && length <= 8; ++i) {
        const auto first = static_cast<std::ptrdiff_t>((code + i) << (8 - length));
        const auto entry = static_cast<std::uint16_t>(
            length << 8 | static_cast<unsigned char>(symbols_[index + i]));
        std::fill_n(lookup_.begin() + first, 1 << (8 - length), entry);
      }
      code += count;
      index += count;
      end_[length] = count > 0 ? code : 0;
      code <<= 1;
    }
  }

  /// \param bits  the next 16 bits   \return length << 8 | symbol, or 0 where no code matches
  [[nodiscard]] std::uint32_t find(std::uint32_t bits) const {
    if (lookup_[bits >> 8] != 0) return lookup_[bits >> 8];
    for (std::uint32_t length = 9; length <= 16; ++length) {
      const std::uint32_t code = bits >> (16 - length);
      if (code >= end_[length]) continue;
      const auto place =
          static_cast<std::size_t>(static_cast<std::int32_t>(code) + offset_[length]);
      return place < symbols_.size() ? length << 8 | static_cast<unsigned char>(symbols_[place])
                                     : 0;
    }
    return 0;
  }

 private:
  std::string_view symbols_;
  std::array<std::uint16_t, 256> lookup_{};
  std::array<std::int32_t, 17> offset_{};
  std::array<std::uint32_t, 17> end_{};
};

/// Bits of an entropy-coded segment; a marker ends them.
class JpegBits {
 public:
  JpegBits(std::string_view bytes, std::uint64_t place) : bytes_(bytes), at_(place) {}

  std::uint32_t peek16() {
    while (count_ <= 48) {
      std::uint64_t next = 0;
      if (at_ < bytes_.size()) next = static_cast<unsigned char>(bytes_[at_]);
      const bool stuffed = next == 0xFF && at_ + 1 < bytes_.size() && bytes_[at_ + 1] == 0;
      if (at_ >= bytes_.size() || (next == 0xFF && !stuffed)) {
        next = 0;  // the data is over: zeros follow, and borrowing them is noticed in skip()
        borrowed_ += 8;
      } else {
        at_ += stuffed ? 2 : 1;
      }
      buffer_ |= next << (56 - count_);
      count_ += 8;
    }
    return static_cast<std::uint32_t>(buffer_ >> 48);
  }
  void skip(std::uint32_t bits) {
    buffer_ <<= bits;
    count_ -= bits;
    if (count_ < borrowed_) throw_jpeg_cut_off();
  }
  /// Forgets the bits before the next marker and steps over it. \return the marker
  std::uint32_t next_marker() {
    at_ += bytes_before_marker();
    if (at_ + 1 >= bytes_.size()) throw_jpeg_cut_off();
    const auto marker = static_cast<unsigned char>(bytes_[at_ + 1]);
    at_ += 2;
    buffer_ = count_ = borrowed_ = 0;
    return marker;
  }
  /// How much data stands unread before the next marker.
  [[nodiscard]] std::uint64_t bytes_before_marker() const {
    std::uint64_t place = at_;
    while (place + 1 < bytes_.size() &&
           !(bytes_[place] == '\xFF' && bytes_[place + 1] != 0 && bytes_[place + 1] != '\xFF')) {
      ++place;
    }
    return place - at_;
  }

 private:
  std::string_view bytes_;
  std::uint64_t at_, buffer_ = 0, count_ = 0, borrowed_ = 0;
};

}  // namespace robiq
