#include <ATen/ATen.h>

#include "robiq/defense/purify/msu_preset.h"
#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/defense/purify/purifier.h"
#include "robiq/tensor/resample.h"

namespace robiq {
namespace {

/// Bilinear; the model then sees a picture of another size.
class ResizePurifier final : public Purifier {
 public:
  static constexpr const char* kName = "resize";
  static constexpr const char* kSummary = "makes the picture smaller";
  static constexpr const char* kPaper = "MSU defense benchmark, Gushchin et al., 2024";
  struct Options {
    double scale = 0.5;
    bool antialias = false;
    std::string preset = "none";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"scale", &O::scale, "new side over old side", 0.01, 4},
              {"antialias", &O::antialias,
               "widens the filter when it shrinks, so that nothing aliases"},
              {"preset", &O::preset, kPresetHelp, preset_names()}};
    }
    static void settle(Options& o, const Params& given) {
      apply_preset<double>(o.preset, given, "scale", {0.1, 0.25, 0.5, 0.75, 0.9}, o.scale);
    }
  };
  explicit ResizePurifier(const Options& o)
      : Purifier({.name = kName, .title = "Resize", .paper = kPaper}), options_(o) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& /*rows*/) const override {
    const std::int64_t height = scaled_side(images.size(2), options_.scale);
    const std::int64_t width = scaled_side(images.size(3), options_.scale);
    if (options_.antialias) return resize_float(images, height, width);
    return at::upsample_bilinear2d(images, {height, width}, false);
  }

 private:
  Options options_;
};

ROBIQ_REGISTER(Purifier, ResizePurifier);

}  // namespace
}  // namespace robiq
