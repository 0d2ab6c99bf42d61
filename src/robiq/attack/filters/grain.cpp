#include <ATen/ATen.h>

#include "robiq/attack/filters/picture_filter.h"

namespace robiq {
namespace {

/// x + t n, n standard normal.
class NoiseFilter final : public PictureFilter {
 public:
  static constexpr const char* kName = "noise";
  static constexpr const char* kSummary = "adds Gaussian noise of that standard deviation";
  static constexpr const char* kPaper = "a common distortion of quality data sets";
  struct Options {
    bool grain = false;
    static OptionTable<Options> options() {
      return {{"grain", &Options::grain, "the three colours share one draw, as film grain"}};
    }
  };
  explicit NoiseFilter(const Options& options) : grain_(options.grain) {}
  [[nodiscard]] const FilterCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] at::Tensor filtered(const at::Tensor& images, double strength,
                                    const at::Tensor& draws) const override {
    return images + strength * (grain_ ? draws.narrow(1, 0, 1) : draws);
  }

 private:
  FilterCard card_{.name = kName,
                   .strengths = {1.0 / 255, 2.0 / 255, 4.0 / 255, 8.0 / 255},
                   .identity = 0,
                   .least = 0,
                   .most = 1,
                   .needs_draws = true};
  bool grain_;
};

ROBIQ_REGISTER(PictureFilter, NoiseFilter);

}  // namespace
}  // namespace robiq
