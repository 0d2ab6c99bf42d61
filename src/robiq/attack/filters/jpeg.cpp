#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "robiq/attack/filters/picture_filter.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/pictures/picture_decoders.h"

namespace robiq {
namespace {

/// Saves as a JPEG of quality t with halved colour, as Pillow does, and reads it again.
class JpegFilter final : public PictureFilter {
 public:
  static constexpr const char* kName = "jpeg";
  static constexpr const char* kSummary = "compresses with that JPEG quality, colour halved";
  static constexpr const char* kPaper = "a common distortion of quality data sets";
  using Options = NoOptions;
  explicit JpegFilter(const Options& /*none*/) {}
  [[nodiscard]] const FilterCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] at::Tensor filtered(const at::Tensor& images, double strength,
                                    const at::Tensor& /*draws*/) const override {
    const at::Tensor bytes = to_bytes(images).cpu();
    const PictureHeader header{PictureKind::kJpeg, images.size(3), images.size(2)};
    std::vector<at::Tensor> rows;
    for (std::int64_t row = 0; row < bytes.size(0); ++row) {
      const std::string file = encode_jpeg_420(bytes[row].contiguous(), static_cast<int>(strength));
      rows.push_back(decode_jpeg(file, header).permute({2, 0, 1}));
    }
    return to_float(at::stack(rows).contiguous()).to(images.device());
  }

 private:
  FilterCard card_{.name = kName,
                   .strengths = {95, 90, 80, 70, 50, 30},
                   .identity = 100,
                   .least = 1,
                   .most = 100,
                   .whole_numbers = true,
                   .damages = true};
};

ROBIQ_REGISTER(PictureFilter, JpegFilter);

}  // namespace
}  // namespace robiq
