#include <ATen/ATen.h>

#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

/// -10 log10 of the mean squared difference; +inf for equal pictures, where it has no gradient.
class Psnr final : public Fidelity {
 public:
  using Options = NoOptions;
  static constexpr const char* kName = "psnr";
  static constexpr const char* kSummary = "peak signal to noise ratio in dB, data range 1";
  static constexpr const char* kPaper = "";

  explicit Psnr(const Options&) {}

  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const override {
    check_comparable(a, b, kName);
    const at::Tensor difference = a - b;
    return -10 * at::log10(picture_mean(difference * difference));
  }
  [[nodiscard]] bool higher_is_closer() const override { return true; }
};

ROBIQ_REGISTER(Fidelity, Psnr);

}  // namespace

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
