#include <ATen/ATen.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>
#include <string>

#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/picture_decoders.h"

namespace robiq {
namespace {

/// libpng leaves by longjmp(), which runs no destructors: so everything that it may leave behind
/// belongs to this object, and the functions below keep only plain values.
class PngDecoder {
 public:
  explicit PngDecoder(std::string_view bytes) : bytes_(bytes) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, leave, leave);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  }
  ~PngDecoder() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngDecoder(const PngDecoder&) = delete;
  PngDecoder& operator=(const PngDecoder&) = delete;

  /// \return false when libpng complained
  bool open() {
    if (png_ == nullptr || info_ == nullptr) return false;
    if (setjmp(way_out_) != 0) return false;
    png_set_read_fn(png_, this, give);
    // Notes are passed over unread, among them transparency, which would only be dropped again.
    static constexpr png_byte kTransparency[] = "tRNS";
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, kTransparency, 1);
    png_read_info(png_, info_);
    ask_for_rgb();
    return true;
  }

  /// \param row_bytes  of `out`
  bool decode(std::uint8_t* out, std::size_t row_bytes) {
    if (setjmp(way_out_) != 0) return false;
    const std::size_t height = png_get_image_height(png_, info_);
    const std::size_t step = indexed_ ? row_bytes / 3 : row_bytes;
    if (png_get_rowbytes(png_, info_) != step) png_error(png_, "rows of an unexpected size");
    // Indices go into the last third, from where they are spread over all of it.
    std::uint8_t* const first = out + (row_bytes - step) * height;
    for (int pass = 0; pass < passes_; ++pass) {
      for (std::size_t y = 0; y < height; ++y) png_read_row(png_, first + y * step, nullptr);
    }
    png_read_end(png_, nullptr);
    if (indexed_) spread(first, step * height, out);
    return true;
  }

  [[nodiscard]] std::int64_t width() const { return png_get_image_width(png_, info_); }
  [[nodiscard]] std::int64_t height() const { return png_get_image_height(png_, info_); }
  [[nodiscard]] std::string complaint() const { return complaint_.data(); }

 private:
  /// For errors and for warnings.
  [[noreturn]] static void leave(png_structp png, png_const_charp text) {
    auto* self = static_cast<PngDecoder*>(png_get_error_ptr(png));
    std::strncpy(self->complaint_.data(), text, self->complaint_.size() - 1);
    std::longjmp(self->way_out_, 1);
  }
  static void give(png_structp png, png_bytep target, std::size_t count) {
    auto* self = static_cast<PngDecoder*>(png_get_io_ptr(png));
    if (count > self->bytes_.size() - self->place_) png_error(png, "the file ends too early");
    std::memcpy(target, self->bytes_.data() + self->place_, count);
    self->place_ += count;
  }

  void ask_for_rgb() {
    indexed_ = png_get_color_type(png_, info_) == PNG_COLOR_TYPE_PALETTE;
    if (indexed_) {
      // libpng itself would take colours from behind the palette's end without a word.
      png_set_packing(png_);
      passes_ = png_set_interlace_handling(png_);
      png_read_update_info(png_, info_);
      return;
    }
    png_set_expand_gray_1_2_4_to_8(png_);

    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    png_set_gray_to_rgb(png_);
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
  }

  /// From indices to colours.
  void spread(const std::uint8_t* indices, std::size_t count, std::uint8_t* out) {
    png_colorp colours = nullptr;
    int known = 0;
    png_get_PLTE(png_, info_, &colours, &known);
    for (std::size_t i = 0; i < count; ++i, out += 3) {
      const std::uint8_t index = indices[i];
      if (index >= known) png_error(png_, "a pixel has a colour outside the palette");
      out[0] = colours[index].red;
      out[1] = colours[index].green;
      out[2] = colours[index].blue;
    }
  }

  std::string_view bytes_;
  std::size_t place_ = 0;

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  int passes_ = 1;
  bool indexed_ = false;  ///< by a palette

  std::jmp_buf way_out_{};
  std::array<char, 200> complaint_{"out of memory"};
};

}  // namespace

at::Tensor decode_png(std::string_view bytes, const PictureHeader& header) {
  PngDecoder decoder(bytes);
  const auto refuse = [&] {
    throw PictureFault{"the PNG is damaged; libpng says: " + decoder.complaint()};
  };
  if (!decoder.open()) refuse();
  need_same_size(header, decoder.width(), decoder.height());
  at::Tensor pixels = at::empty({header.height, header.width, 3}, at::kByte);
  const auto row_bytes = static_cast<std::size_t>(3 * header.width);
  if (!decoder.decode(pixels.data_ptr<std::uint8_t>(), row_bytes)) refuse();
  return pixels;
}

}  // namespace robiq
