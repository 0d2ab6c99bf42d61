#include <ATen/ATen.h>

#include "robiq/train/loss.h"

namespace robiq {
namespace {

/// Half the mean squared error, as MATLAB's regression layer has it (Korhonen and You's substitute
/// model): a step is half of that under `mse`.
class HalfMseLoss final : public Loss {
 public:
  static constexpr const char* kName = "half-mse";
  static constexpr const char* kSummary = "half the mean squared error";
  static constexpr const char* kPaper = "";
  using Options = NoOptions;
  explicit HalfMseLoss(const Options& /*options*/) {}

  [[nodiscard]] at::Tensor value(const at::Tensor& predicted,
                                 const at::Tensor& mos) const override {
    return (predicted - mos.unsqueeze(1)).square().mean() / 2;
  }
  [[nodiscard]] bool is_mean_over_pictures() const override { return true; }
};

ROBIQ_REGISTER(Loss, HalfMseLoss);

}  // namespace
}  // namespace robiq
