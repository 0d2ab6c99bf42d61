#include "robiq/defense/purify/msu_preset.h"
#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/defense/purify/purifier.h"

namespace robiq {
namespace {

/// The middle value of the neighbours, of each colour by itself.
class MedianBlurPurifier final : public Purifier {
 public:
  static constexpr const char* kName = "median-blur";
  static constexpr const char* kSummary = "takes the median of the neighbours";
  static constexpr const char* kPaper = "MSU defense benchmark, Gushchin et al., 2024";
  struct Options {
    std::int64_t kernel = 3;
    std::string preset = "none", backward = "exact";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"kernel", &O::kernel, "side of the window, odd", 1, 101, "pixels"},
              {"preset", &O::preset, kPresetHelp, preset_names()},
              {"backward",
               &O::backward,
               "what an adaptive attack differentiates: the chosen pixels, or straight through",
               {"exact", "straight"}}};
    }
    static void settle(Options& o, const Params& given) {
      apply_preset<std::int64_t>(o.preset, given, "kernel", {3, 5, 7, 9, 11}, o.kernel);
      check_odd_kernel(o.kernel, given, kName);
    }
  };
  explicit MedianBlurPurifier(const Options& o)
      : Purifier({.name = kName,
                  .title = "Median blur",
                  .paper = kPaper,
                  .differentiable = o.backward == "exact"}),
        size_(o.kernel) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& /*rows*/) const override {
    return median_blur(images, size_);
  }

 private:
  std::int64_t size_;
};

ROBIQ_REGISTER(Purifier, MedianBlurPurifier);

}  // namespace
}  // namespace robiq
