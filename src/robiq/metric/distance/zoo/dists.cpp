#include "robiq/metric/distance/dists.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

/// Dists of metric/distance/dists.h.
class DistsDistance final : public Fidelity {
 public:
  static constexpr const char* kName = "dists";
  static constexpr const char* kSummary =
      "deep structure and texture distance; needs its weights and a VGG-16";
  static constexpr const char* kPaper =
      "Ding et al., Image Quality Assessment: Unifying Structure and Texture Similarity, TPAMI "
      "2022";
  struct Options : DistsFiles {
    std::string gradient = "all", reduce = "none";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"weights", &O::weights, "file of DISTS's own weights, alpha and beta"},
              {"trunk", &O::trunk, "file of VGG-16's torchvision weights"},
              {"gradient",
               &O::gradient,
               "through the network too, or, as published, of the raw pixels only",
               {"all", "pixels"}},
              {"reduce",
               &O::reduce,
               "256: pictures are averaged to about that short side first, as IQA-pytorch does",
               {"none", "256"}}};
    }
  };

  explicit DistsDistance(const Options& o)
      : dists_(o, o.gradient == "all" ? Dists::Gradient::kAll : Dists::Gradient::kPixels),
        reduce_(o.reduce == "256") {}

  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const override {
    if (!reduce_) return dists_.compare(a, b);
    check_comparable(a, b, kName);
    return dists_.compare(reduced(a), reduced(b));
  }
  [[nodiscard]] Comparison against(const at::Tensor& a) const override {
    return reduce_ ? Fidelity::against(a) : dists_.against(a);
  }
  [[nodiscard]] bool higher_is_closer() const override { return false; }

 private:
  /// Means of squares of the whole number of pixels that brings the short side nearest 256.
  static at::Tensor reduced(const at::Tensor& images) {
    constexpr double kShortSide = 256;
    const auto shorter = static_cast<double>(std::min(images.size(2), images.size(3)));
    const auto side = static_cast<std::int64_t>(std::nearbyint(shorter / kShortSide));
    return side <= 1 ? images : at::avg_pool2d(images, {side, side});
  }

  Dists dists_;
  bool reduce_;
};

ROBIQ_REGISTER(Fidelity, DistsDistance);

}  // namespace
}  // namespace robiq
