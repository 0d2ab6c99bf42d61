#include "robiq/defense/purify/msu_preset.h"
#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/defense/purify/purifier.h"

namespace robiq {
namespace {

/// Weighted means of neighbours, reflected at the borders.
class GaussianBlurPurifier final : public Purifier {
 public:
  static constexpr const char* kName = "gaussian-blur";
  static constexpr const char* kSummary = "blurs with a Gaussian kernel";
  static constexpr const char* kPaper = "MSU defense benchmark, Gushchin et al., 2024";
  struct Options {
    std::int64_t kernel = 3;
    double sigma = 0;
    std::string preset = "none";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"kernel", &O::kernel, "side of the kernel, odd", 1, 101, "pixels"},
              {"sigma", &O::sigma,
               "standard deviation of the kernel; 0: what belongs to its side, "
               "0.3 ((kernel - 1) / 2 - 1) + 0.8",
               0, 100, "pixels"},
              {"preset", &O::preset, kPresetHelp, preset_names()}};
    }
    static void settle(Options& o, const Params& given) {
      apply_preset<std::int64_t>(o.preset, given, "kernel", {3, 5, 7, 9, 11}, o.kernel);
      check_odd_kernel(o.kernel, given, kName);
      if (o.sigma == 0) o.sigma = sigma_of_kernel(o.kernel);
    }
  };
  explicit GaussianBlurPurifier(const Options& o)
      : Purifier({.name = kName, .title = "Gaussian blur", .paper = kPaper}),
        size_(o.kernel),
        sigma_(o.sigma) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& /*rows*/) const override {
    return gaussian_blur(images, size_, sigma_);
  }

 private:
  std::int64_t size_;
  double sigma_;
};

ROBIQ_REGISTER(Purifier, GaussianBlurPurifier);

}  // namespace
}  // namespace robiq
