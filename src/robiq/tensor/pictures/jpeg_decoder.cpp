#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <string>
#include <vector>

#include "robiq/tensor/pictures/jpeg_complaints.h"
#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/picture_decoders.h"
// After <cstdio>, which it needs and does not include.
#include <jerror.h>
#include <jpeglib.h>

namespace robiq {
namespace {

/// Zeros between a scan and the next marker: some encoders pad with them, and nothing is lost.
bool is_padding(j_common_ptr common) {
  if (common->err->msg_code != JWRN_EXTRANEOUS_DATA || common->is_decompressor == FALSE) {
    return false;
  }
  const auto* source = reinterpret_cast<j_decompress_ptr>(common)->src;
  const JOCTET* end = source->next_input_byte;
  return std::all_of(end - common->err->msg_parm.i[0], end, [](JOCTET byte) { return byte == 0; });
}

/// What some encoders write into headers, and no decoder needs.
bool is_harmless(j_common_ptr common) {
  const int code = common->err->msg_code;
  return code == JWRN_JFIF_MAJOR || code == JWRN_NOT_SEQUENTIAL || code == JWRN_ADOBE_XFORM;
}

void note(j_common_ptr common, int level) {
  constexpr int kWarning = -1;
  if (level == kWarning && !is_padding(common) && !is_harmless(common)) leave_jpeg(common);
}

/// libjpeg leaves by longjmp(), which runs no destructors: so everything that it may leave behind
/// belongs to this object, and the functions below keep only plain values.
class JpegDecoder {
 public:
  explicit JpegDecoder(std::string_view bytes) : bytes_(bytes) {
    state_.err = jpeg_std_error(&complaints_.base);
    complaints_.base.error_exit = leave_jpeg;
    complaints_.base.emit_message = note;
  }
  ~JpegDecoder() { jpeg_destroy_decompress(&state_); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  /// \return false when libjpeg complained
  bool open() {
    if (setjmp(complaints_.way_out) != 0) return false;
    jpeg_create_decompress(&state_);
    jpeg_mem_src(&state_, reinterpret_cast<const unsigned char*>(bytes_.data()),
                 static_cast<unsigned long>(bytes_.size()));
    jpeg_read_header(&state_, TRUE);
    const bool inks = state_.num_components == 4;
    state_.out_color_space = inks ? JCS_CMYK : JCS_RGB;
    jpeg_calc_output_dimensions(&state_);
    if (inks) inks_.resize(std::size_t{4} * state_.output_width);
    return true;
  }

  bool decode(std::uint8_t* out) {
    if (setjmp(complaints_.way_out) != 0) return false;
    jpeg_start_decompress(&state_);
    while (state_.output_scanline < state_.output_height) {
      std::uint8_t* row = out + std::size_t{3} * state_.output_width * state_.output_scanline;
      JSAMPROW target = inks_.empty() ? row : inks_.data();
      jpeg_read_scanlines(&state_, &target, 1);
      if (!inks_.empty()) mix_inks(row);
    }
    jpeg_finish_decompress(&state_);
    return true;
  }

  [[nodiscard]] std::int64_t width() const { return state_.output_width; }
  [[nodiscard]] std::int64_t height() const { return state_.output_height; }
  [[nodiscard]] std::string complaint() const { return complaints_.text.data(); }

 private:
  /// Adobe's programs store how much ink is missing, and everybody follows them.
  void mix_inks(std::uint8_t* row) {
    for (std::uint8_t& ink : inks_) ink = static_cast<std::uint8_t>(255 - ink);
    for (std::size_t x = 0; x < state_.output_width; ++x) {
      cmyk_to_rgb(inks_.data() + 4 * x, row + 3 * x);
    }
  }

  std::string_view bytes_;
  JpegComplaints complaints_;
  jpeg_decompress_struct state_{};
  std::vector<std::uint8_t> inks_;  ///< one row of them; empty for grey and colour
};

}  // namespace

at::Tensor decode_jpeg(std::string_view bytes, const PictureHeader& header) {
  JpegDecoder decoder(bytes);
  const auto refuse = [&] {
    throw PictureFault{"the JPEG is damaged or of a rare kind; libjpeg says: " +
                       decoder.complaint()};
  };
  if (!decoder.open()) refuse();
  need_same_size(header, decoder.width(), decoder.height());
  at::Tensor pixels = at::empty({header.height, header.width, 3}, at::kByte);
  if (!decoder.decode(pixels.data_ptr<std::uint8_t>())) refuse();
  return pixels;
}

}  // namespace robiq
