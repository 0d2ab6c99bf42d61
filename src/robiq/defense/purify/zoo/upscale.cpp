#include <ATen/ATen.h>

#include "robiq/defense/purify/msu_preset.h"
#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/defense/purify/purifier.h"

namespace robiq {
namespace {

/// Made smaller, then brought to one size for all pictures; bilinear both times.
class UpscalePurifier final : public Purifier {
 public:
  static constexpr const char* kName = "upscale";
  static constexpr const char* kSummary =
      "makes the picture smaller, then brings it to a fixed size";
  static constexpr const char* kPaper = "MSU defense benchmark, Gushchin et al., 2024";
  struct Options {
    double scale = 0.5;
    std::int64_t height = 384, width = 512;
    std::string preset = "none";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"scale", &O::scale, "side in between over old side", 0.01, 4},
              {"height", &O::height, "of the result", 1, 10000, "pixels"},
              {"width", &O::width, "of the result", 1, 10000, "pixels"},
              {"preset", &O::preset, kPresetHelp, preset_names()}};
    }
    static void settle(Options& o, const Params& given) {
      apply_preset<double>(o.preset, given, "scale", {0.1, 0.25, 0.5, 0.75, 0.9}, o.scale);
    }
  };
  explicit UpscalePurifier(const Options& o)
      : Purifier({.name = kName, .title = "Upscale", .paper = kPaper}), options_(o) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& /*rows*/) const override {
    const std::int64_t height = scaled_side(images.size(2), options_.scale);
    const std::int64_t width = scaled_side(images.size(3), options_.scale);
    const at::Tensor small = at::upsample_bilinear2d(images, {height, width}, false);
    return at::upsample_bilinear2d(small, {options_.height, options_.width}, false);
  }

 private:
  Options options_;
};

ROBIQ_REGISTER(Purifier, UpscalePurifier);

}  // namespace
}  // namespace robiq
