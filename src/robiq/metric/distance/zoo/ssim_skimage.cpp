#include <ATen/ATen.h>

#include "robiq/metric/distance/fidelity.h"
#include "robiq/metric/distance/ssim.h"

namespace robiq {
namespace {

/// SSIM as scikit-image computes it unless told otherwise: the mean over 7x7 pixels with equal
/// weights, variances of a sample, and no place where that window leaves the picture.
class SsimSkimage final : public Fidelity {
 public:
  using Options = NoOptions;
  static constexpr const char* kName = "ssim_skimage";
  static constexpr const char* kSummary = "structural similarity as scikit-image takes it";
  static constexpr const char* kPaper = "Wang et al., TIP 2004; skimage.metrics";

  explicit SsimSkimage(const Options&) {}

  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const override {
    check_comparable(a, b, kName);
    check_large_enough(a, kWindow, kName);
    constexpr double kPixels = kWindow * kWindow;
    const auto mean = [](const at::Tensor& planes) {
      return at::avg_pool2d(planes, {kWindow, kWindow}, {1, 1});
    };
    const SsimFactors factors = ssim_factors(a, b, mean, kPixels / (kPixels - 1));
    return picture_mean(factors.luminance * factors.structure);
  }
  [[nodiscard]] bool higher_is_closer() const override { return true; }

 private:
  static constexpr std::int64_t kWindow = 7;
};

ROBIQ_REGISTER(Fidelity, SsimSkimage);

}  // namespace
}  // namespace robiq
