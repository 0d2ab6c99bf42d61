#include <ATen/ATen.h>

#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

/// sqrt of the sum of (a - b)^2 over a picture, pixel values in [0,1]. Its gradient is 0 for equal
/// pictures.
class L2 final : public Fidelity {
 public:
  using Options = NoOptions;
  static constexpr const char* kName = "l2";
  static constexpr const char* kSummary = "Euclidean distance of the pixel values";
  static constexpr const char* kPaper = "";

  explicit L2(const Options&) {}

  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const override {
    check_comparable(a, b, kName);
    return picture_norm(a - b);
  }
  [[nodiscard]] bool higher_is_closer() const override { return false; }
};

ROBIQ_REGISTER(Fidelity, L2);

}  // namespace

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
