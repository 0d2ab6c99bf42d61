#include "robiq/tensor/pictures/bmp_runs.h"

namespace robiq {
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
  void end_row() {
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
