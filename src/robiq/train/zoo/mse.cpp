#include <ATen/ATen.h>

#include "robiq/train/loss.h"

namespace robiq {
namespace {

/// Mean squared error (DBCNN, MANIQA).
class MseLoss final : public Loss {
 public:
  static constexpr const char* kName = "mse";
  static constexpr const char* kSummary = "mean squared error";
  static constexpr const char* kPaper = "";
  using Options = NoOptions;
  explicit MseLoss(const Options& /*options*/) {}

  [[nodiscard]] at::Tensor value(const at::Tensor& predicted,
                                 const at::Tensor& mos) const override {
    return (predicted - mos.unsqueeze(1)).square().mean();
  }

  [[nodiscard]] bool is_mean_over_pictures() const override { return true; }
};

ROBIQ_REGISTER(Loss, MseLoss);

}  // namespace
}  // namespace robiq
