#include <ATen/ATen.h>

#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "robiq/core/error.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/pictures/jpeg_complaints.h"
// After <cstdio>, which it needs and does not include.
#include <jpeglib.h>

namespace robiq {
namespace {

/// libjpeg leaves by longjmp(), which runs no destructors: so everything that it may leave behind
/// belongs to this object, and encode() keeps only plain values.
class JpegEncoder {
 public:
  JpegEncoder() {
    state_.err = jpeg_std_error(&complaints_.base);
    complaints_.base.error_exit = leave_jpeg;
  }
  ~JpegEncoder() {
    jpeg_destroy_compress(&state_);
    std::free(buffer_);
  }
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;

  /// \param pixels  rows of red, green, blue   \return false when libjpeg complained
  bool encode(std::uint8_t* pixels, std::int64_t height, std::int64_t width, int quality) {
    if (setjmp(complaints_.way_out) != 0) return false;
    jpeg_create_compress(&state_);
    jpeg_mem_dest(&state_, &buffer_, &size_);
    state_.image_height = static_cast<JDIMENSION>(height);
    state_.image_width = static_cast<JDIMENSION>(width);
    state_.input_components = 3;
    state_.in_color_space = JCS_RGB;
    jpeg_set_defaults(&state_);  // YCbCr with halved chroma
    jpeg_set_quality(&state_, quality, TRUE);
    jpeg_start_compress(&state_, TRUE);
    while (state_.next_scanline < state_.image_height) {
      JSAMPROW row = pixels + std::size_t{3} * state_.image_width * state_.next_scanline;
      jpeg_write_scanlines(&state_, &row, 1);
    }
    jpeg_finish_compress(&state_);
    return true;
  }

  [[nodiscard]] std::string bytes() const {
    return {reinterpret_cast<const char*>(buffer_), static_cast<std::size_t>(size_)};
  }
  [[nodiscard]] std::string complaint() const { return complaints_.text.data(); }

 private:
  JpegComplaints complaints_;
  jpeg_compress_struct state_{};
  unsigned char* buffer_ = nullptr;
  unsigned long size_ = 0;
};

[[noreturn]] void refuse_to_encode(const std::string& what, const std::string& hint) {
  throw Error(ErrorKind::kData, {what, "encode_jpeg_420()", hint});
}

}  // namespace

std::string encode_jpeg_420(const at::Tensor& bytes, int quality) {
  if (!bytes.defined() || bytes.scalar_type() != at::kByte || bytes.dim() != 3 ||
      bytes.size(0) != 3 || bytes.numel() == 0 || !bytes.device().is_cpu()) {
    refuse_to_encode("the picture cannot be written as a JPEG", "give uint8 [3,H,W] on the CPU");
  }
  if (quality < 1 || quality > 100) {
    refuse_to_encode("a JPEG quality of " + std::to_string(quality) + " does not exist",
                     "give 1 to 100");
  }
  const at::Tensor pixels = bytes.permute({1, 2, 0}).contiguous();
  JpegEncoder encoder;
  if (!encoder.encode(pixels.data_ptr<std::uint8_t>(), bytes.size(1), bytes.size(2), quality)) {
    refuse_to_encode("libjpeg cannot write the picture: " + encoder.complaint(),
                     "sides may have 65500 pixels at most");
  }
  return encoder.bytes();
}

}  // namespace robiq
