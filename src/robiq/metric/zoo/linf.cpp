#include <ATen/ATen.h>

#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

/// The largest |a - b| of a picture, in [0,1].
class Linf final : public Fidelity {
 public:
  using Options = NoOptions;
  static constexpr const char* kName = "linf";
  static constexpr const char* kSummary = "largest difference of a pixel value";
  static constexpr const char* kPaper = "";

  explicit Linf(const Options&) {}

  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const override {
    check_comparable(a, b, kName);
    return (a - b).abs().amax({1, 2, 3});
  }
  [[nodiscard]] bool higher_is_closer() const override { return false; }
};

ROBIQ_REGISTER(Fidelity, Linf);

}  // namespace
}  // namespace robiq
