#include <ATen/ATen.h>

#include <algorithm>

#include "robiq/defense/purify/msu_preset.h"
#include "robiq/defense/purify/purifier.h"
#include "robiq/defense/purify/soft_jpeg.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/pictures/picture_decoders.h"

namespace robiq {
namespace {

/// Written as a JPEG and read again, by libjpeg as Pillow does it.
class JpegPurifier final : public Purifier {
 public:
  static constexpr const char* kName = "jpeg";
  static constexpr const char* kSummary = "compresses as JPEG and decodes again";
  static constexpr const char* kPaper = "Liu et al., TCSVT 2025; MSU defense benchmark, 2024";
  struct Options {
    std::int64_t quality = 50;
    std::string rounding = "round", backward = "diffjpeg", preset = "none";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"quality", &O::quality, "JPEG quality", 1, 100},
              {"rounding",
               &O::rounding,
               "how values become bytes; the MSU benchmark truncates",
               {"round", "truncate"}},
              {"backward",
               &O::backward,
               "what an adaptive attack differentiates: differentiable JPEG of this quality, or "
               "straight through",
               {"diffjpeg", "straight"}},
              {"preset", &O::preset,
               "one of the five settings of the MSU defense benchmark, in the order of its list; "
               "it truncates too",
               preset_names()}};
    }
    static void settle(Options& o, const Params& given) {
      apply_preset<std::int64_t>(o.preset, given, "quality", {10, 30, 50, 70, 90}, o.quality);
      if (o.preset != "none" && !given.contains("rounding")) o.rounding = "truncate";
    }
  };
  explicit JpegPurifier(const Options& o)
      : Purifier({.name = kName, .title = "JPEG", .paper = kPaper, .differentiable = false}),
        options_(o) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& /*rows*/) const override {
    const at::Tensor bytes = bytes_of(images).to(at::kCPU);
    std::vector<at::Tensor> decoded;
    for (std::int64_t i = 0; i < bytes.size(0); ++i) {
      const std::string file = encode_jpeg_420(bytes[i], static_cast<int>(options_.quality));
      const PictureHeader header{PictureKind::kJpeg, bytes.size(3), bytes.size(2)};
      decoded.push_back(to_float(decode_jpeg(file, header).permute({2, 0, 1})));
    }
    return at::stack(decoded).to(images.device(), images.scalar_type()).contiguous();
  }

  [[nodiscard]] at::Tensor surrogate(const at::Tensor& images,
                                     const std::vector<Rng>& /*rows*/) const override {
    if (options_.backward == "straight") return images;
    return soft_jpeg(images, std::min<std::int64_t>(options_.quality, 99));
  }

 private:
  [[nodiscard]] at::Tensor bytes_of(const at::Tensor& images) const {
    if (options_.rounding == "round") return to_bytes(images);
    return images.mul(255).floor().clamp(0, 255).to(at::kByte);
  }

  Options options_;
};

ROBIQ_REGISTER(Purifier, JpegPurifier);

}  // namespace
}  // namespace robiq
