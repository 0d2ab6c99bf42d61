#include "robiq/metric/distance/lpips.h"

#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

/// Lpips of metric/distance/lpips.h.
class LpipsDistance final : public Fidelity {
 public:
  static constexpr const char* kName = "lpips";
  static constexpr const char* kSummary =
      "learned perceptual distance, version 0.1; needs its heads and their trunk";
  static constexpr const char* kPaper =
      "Zhang et al., The Unreasonable Effectiveness of Deep Features as a Perceptual Metric, CVPR "
      "2018";
  struct Options : LpipsFiles {
    static OptionTable<Options> options() {
      using O = Options;
      return {{"net", &O::net, "network of the trunk", {"vgg", "alex", "squeeze"}},
              {"heads", &O::heads, "file of LPIPS's own weights for that network"},
              {"trunk", &O::trunk, "file of the network's torchvision weights"}};
    }
  };

  explicit LpipsDistance(const Options& options) : lpips_(options) {}

  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const override {
    return lpips_.compare(a, b);
  }
  [[nodiscard]] Comparison against(const at::Tensor& a) const override { return lpips_.against(a); }
  [[nodiscard]] bool higher_is_closer() const override { return false; }

 private:
  Lpips lpips_;
};

ROBIQ_REGISTER(Fidelity, LpipsDistance);

}  // namespace
}  // namespace robiq
