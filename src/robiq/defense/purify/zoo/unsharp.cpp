#include "robiq/defense/purify/msu_preset.h"
#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/defense/purify/purifier.h"

namespace robiq {
namespace {

/// x + amount (x - blurred x), clipped to [0,1].
class UnsharpPurifier final : public Purifier {
 public:
  static constexpr const char* kName = "unsharp";
  static constexpr const char* kSummary = "sharpens; it makes most attacks stronger";
  static constexpr const char* kPaper = "MSU defense benchmark, Gushchin et al., 2024";
  struct Options {
    std::int64_t kernel = 3;
    double sigma = 1, amount = 1;
    std::string preset = "none";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"kernel", &O::kernel, "side of the Gaussian kernel, odd", 1, 101, "pixels"},
              {"sigma", &O::sigma, "standard deviation of the kernel", 0.01, 100, "pixels"},
              {"amount", &O::amount, "how much of the difference to the blur is added", 0, 100},
              {"preset", &O::preset, kPresetHelp, preset_names()}};
    }
    static void settle(Options& o, const Params& given) {
      apply_preset<std::int64_t>(o.preset, given, "kernel", {3, 5, 7, 9, 11}, o.kernel);
      check_odd_kernel(o.kernel, given, kName);
    }
  };
  explicit UnsharpPurifier(const Options& o)
      : Purifier({.name = kName, .title = "Unsharp mask", .paper = kPaper}), options_(o) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& /*rows*/) const override {
    const at::Tensor blurred = gaussian_blur(images, options_.kernel, options_.sigma);
    return (images + options_.amount * (images - blurred)).clamp(0, 1);
  }

 private:
  Options options_;
};

ROBIQ_REGISTER(Purifier, UnsharpPurifier);

}  // namespace
}  // namespace robiq
