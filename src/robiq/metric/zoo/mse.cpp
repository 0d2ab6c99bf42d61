#include <ATen/ATen.h>

#include "robiq/metric/distance/fidelity.h"
#include "robiq/metric/distance/picture_mean.h"

namespace robiq {
namespace {

/// The mean of (a - b)^2 over a picture, pixel values in [0,1].
class Mse final : public Fidelity {
 public:
  using Options = NoOptions;
  static constexpr const char* kName = "mse";
  static constexpr const char* kSummary = "mean squared difference of the pixel values";
  static constexpr const char* kPaper = "";

  explicit Mse(const Options&) {}

  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const override {
    check_comparable(a, b, kName);
    return picture_mean((a - b).square());
  }
  [[nodiscard]] bool higher_is_closer() const override { return false; }
};

ROBIQ_REGISTER(Fidelity, Mse);

}  // namespace
}  // namespace robiq
