#include <ATen/ATen.h>

#include "robiq/defense/purify/msu_preset.h"
#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/defense/purify/purifier.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace {

/// Gaussian noise, the sum clipped to [0,1].
class NoisePurifier final : public Purifier {
 public:
  static constexpr const char* kName = "noise";
  static constexpr const char* kSummary = "adds Gaussian noise";
  static constexpr const char* kPaper = "MSU defense benchmark, Gushchin et al., 2024";
  struct Options {
    double sigma = 0.01;
    std::string preset = "none";
    static OptionTable<Options> options() {
      using O = Options;
      return {
          {"sigma", &O::sigma, "standard deviation of the noise", 0, 1, "(pixel values: 0 to 1)"},
          {"preset", &O::preset, kPresetHelp, preset_names()}};
    }
    static void settle(Options& o, const Params& given) {
      apply_preset<double>(o.preset, given, "sigma", {0.01, 0.025, 0.05, 0.075, 0.1}, o.sigma);
    }
  };
  explicit NoisePurifier(const Options& o)
      : Purifier({.name = kName, .title = "Noise", .paper = kPaper, .randomised = true}),
        sigma_(o.sigma) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& rows) const override {
    std::vector<at::Tensor> noise;
    for (const Rng& row : rows) noise.push_back(normal_tensor(row, images.sizes().slice(1)));
    return add_clipped_noise(images, at::stack(noise), sigma_);
  }

 private:
  double sigma_;
};

ROBIQ_REGISTER(Purifier, NoisePurifier);

}  // namespace
}  // namespace robiq
