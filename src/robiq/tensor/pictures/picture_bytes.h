#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace robiq {

/// Why a file cannot be taken for the picture it says it is; inspect_picture() turns it into an
/// Error that names the file.
struct PictureFault {
  std::string what;
  std::string hint = "copy or export the picture again";
  bool cut_off = false;  ///< the file is shorter than what it speaks of
};

/// The bytes of an untrusted picture file: every access is checked.
class PictureBytes {
 public:
  explicit PictureBytes(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::string_view all() const noexcept { return bytes_; }
  [[nodiscard]] bool starts_with(std::string_view magic) const noexcept {
    return bytes_.starts_with(magic);
  }

  /// \throws PictureFault when the bytes [offset, offset + count) are not all there.
  void need(std::uint64_t offset, std::uint64_t count) const {
    if (offset <= size() && count <= size() - offset) return;
    PictureFault fault{"the picture is cut off: the file ends after " + std::to_string(size()) +
                       " bytes, and its header announces more"};
    fault.cut_off = true;
    throw fault;
  }
  [[nodiscard]] std::uint32_t u8(std::uint64_t offset) const {
    need(offset, 1);
    return static_cast<unsigned char>(bytes_[offset]);
  }
  [[nodiscard]] std::uint32_t big16(std::uint64_t offset) const {
    return u8(offset) << 8 | u8(offset + 1);
  }
  [[nodiscard]] std::uint32_t big32(std::uint64_t offset) const {
    return big16(offset) << 16 | big16(offset + 2);
  }
  [[nodiscard]] std::uint32_t little16(std::uint64_t offset) const {
    return u8(offset) | u8(offset + 1) << 8;
  }
  [[nodiscard]] std::uint32_t little32(std::uint64_t offset) const {
    return little16(offset) | little16(offset + 2) << 16;
  }
  /// \throws PictureFault when they are not all there.
  [[nodiscard]] std::string_view slice(std::uint64_t offset, std::uint64_t count) const {
    need(offset, count);
    return bytes_.substr(offset, count);
  }

 private:
  std::string_view bytes_;
};

/// One pixel of ink amounts (0: none, 255: all of it) to red, green, blue, as Pillow converts it.
/// \param ink  cyan, magenta, yellow, black   \param colour  three bytes to write
inline void cmyk_to_rgb(const std::uint8_t* ink, std::uint8_t* colour) {
  const int light = 255 - ink[3];
  for (int c = 0; c < 3; ++c) {
    const int product = ink[c] * light + 128;  // divided by 255 and rounded, without a division
    colour[c] = static_cast<std::uint8_t>(light - (((product >> 8) + product) >> 8));
  }
}

}  // namespace robiq
