#include "robiq/defense/purify/msu_preset.h"
#include "robiq/defense/purify/purifier.h"
#include "robiq/defense/purify/soft_jpeg.h"

namespace robiq {
namespace {

/// JPEG's losses in floating point, with a gradient.
class DiffJpegPurifier final : public Purifier {
 public:
  static constexpr const char* kName = "diffjpeg";
  static constexpr const char* kSummary = "loses what JPEG loses, and has a gradient";
  static constexpr const char* kPaper = "Reich et al., WACV 2024; MSU defense benchmark, 2024";
  struct Options {
    std::int64_t quality = 50;
    std::string preset = "none";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"quality", &O::quality, "JPEG quality", 1, 99},
              {"preset", &O::preset, kPresetHelp, preset_names()}};
    }
    static void settle(Options& o, const Params& given) {
      apply_preset<std::int64_t>(o.preset, given, "quality", {10, 30, 50, 70, 90}, o.quality);
    }
  };
  explicit DiffJpegPurifier(const Options& o)
      : Purifier({.name = kName, .title = "Differentiable JPEG", .paper = kPaper}),
        quality_(o.quality) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& /*rows*/) const override {
    return soft_jpeg(images, quality_);
  }

 private:
  std::int64_t quality_;
};

ROBIQ_REGISTER(Purifier, DiffJpegPurifier);

}  // namespace
}  // namespace robiq
