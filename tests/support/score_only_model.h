#pragma once
// A model that refuses whoever could ask it for a gradient.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstdint>
#include <functional>
#include <stdexcept>

#include "robiq/model/quality_model.h"

namespace robiq::test {

/// Scores by a function of pictures [N,3,H,W] to [N], 0 to 100, on the CPU. forward() throws
/// std::logic_error where gradients are on or the pictures want one, and counts the pictures.
class ScoreOnlyModel final : public QualityModel {
 public:
  using Function = std::function<at::Tensor(const at::Tensor&)>;
  explicit ScoreOnlyModel(Function function)
      : QualityModel(make_card()), function_(std::move(function)) {}

  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override { return {}; }
  [[nodiscard]] TensorMap state() const override { return {}; }
  void set_training(bool on) override { training_ = on; }
  [[nodiscard]] bool training() const override { return training_; }
  void set_batch_statistics(bool /*on*/) override {}
  void move_to(c10::Device /*device*/) override {}
  [[nodiscard]] c10::Device device() const override { return c10::kCPU; }

  /// How many pictures were scored.
  std::int64_t pictures = 0;

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    if (images.requires_grad() || at::GradMode::is_enabled()) {
      throw std::logic_error("a score-only attack could ask for a gradient");
    }
    pictures += images.size(0);
    return function_(images);
  }

 private:
  static ModelCard make_card() {
    ModelCard card;
    card.name = "score-only";
    return card;
  }

  Function function_;
  bool training_ = false;
};

}  // namespace robiq::test
