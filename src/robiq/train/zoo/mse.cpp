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
