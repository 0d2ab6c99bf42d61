#include <ATen/ATen.h>

#include <cmath>

#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

/// sqrt of the mean of (a - b)^2 over a picture, pixel values in [0,1]. Its gradient is 0 for equal
/// pictures.
class PixelRmse final : public Fidelity {
 public:
  using Options = NoOptions;
  static constexpr const char* kName = "rmse";
  static constexpr const char* kSummary = "root of the mean squared difference of the pixel values";
  static constexpr const char* kPaper = "";

  explicit PixelRmse(const Options&) {}

  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const override {
    check_comparable(a, b, kName);
    const double values = static_cast<double>(a.numel() / a.size(0));
    return picture_norm(a - b) / std::sqrt(values);
  }
  [[nodiscard]] bool higher_is_closer() const override { return false; }
};

ROBIQ_REGISTER(Fidelity, PixelRmse);

}  // namespace
}  // namespace robiq
