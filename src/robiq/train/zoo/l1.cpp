#include <ATen/ATen.h>

#include "robiq/train/loss.h"

namespace robiq {
namespace {

/// Mean absolute error (HyperIQA, CNNIQA).
class L1Loss final : public Loss {
 public:
  static constexpr const char* kName = "l1";
  static constexpr const char* kSummary = "mean absolute error";
  static constexpr const char* kPaper = "";
  using Options = NoOptions;
  explicit L1Loss(const Options& /*options*/) {}

  [[nodiscard]] at::Tensor value(const at::Tensor& predicted,
                                 const at::Tensor& mos) const override {
    return (predicted - mos.unsqueeze(1)).abs().mean();
  }

  [[nodiscard]] bool is_mean_over_pictures() const override { return true; }
};

ROBIQ_REGISTER(Loss, L1Loss);

}  // namespace
}  // namespace robiq
