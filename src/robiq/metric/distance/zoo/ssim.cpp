#include "robiq/metric/distance/ssim.h"

#include <ATen/ATen.h>

#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

/// ssim() of metric/distance/ssim.h.
class Ssim final : public Fidelity {
 public:
  using Options = NoOptions;
  static constexpr const char* kName = "ssim";
  static constexpr const char* kSummary = "structural similarity as the perceptual attack takes it";
  static constexpr const char* kPaper = "Wang et al., TIP 2004; Zhang et al., NeurIPS 2022";

  explicit Ssim(const Options&) {}

  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const override {
    return ssim(a, b);
  }
  [[nodiscard]] bool higher_is_closer() const override { return true; }
};

ROBIQ_REGISTER(Fidelity, Ssim);

}  // namespace
}  // namespace robiq
