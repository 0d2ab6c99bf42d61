#pragma once
// TinyIQA, the target of every attack fixture: conv 3->8 k3 s2 p1, ReLU, conv 8->16 k3 s2 p1, ReLU,
// mean, fc 16->1 = z; score 100 sigmoid(8 z - 1.6). Weights are filled by name (det.h).
#include <ATen/ATen.h>

#include <array>

#include "robiq/model/quality_model.h"
#include "support/det.h"

namespace robiq::test {

class TinyIqa final : public QualityModel {
 public:
  TinyIqa() : QualityModel(make_card()) {
    const std::array<std::pair<const char*, std::vector<std::int64_t>>, 6> shapes = {
        {{"conv1.weight", {8, 3, 3, 3}},
         {"conv1.bias", {8}},
         {"conv2.weight", {16, 8, 3, 3}},
         {"conv2.bias", {16}},
         {"fc.weight", {1, 16}},
         {"fc.bias", {1}}}};
    for (const auto& [name, shape] : shapes) {
      tensors_.emplace(name, det::weight(name, shape).requires_grad_(true));
    }
  }

  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override {
    ParamGroup group{"all", {}};
    for (const auto& [name, tensor] : tensors_) group.tensors.push_back(tensor);
    return {group};
  }
  [[nodiscard]] TensorMap state() const override { return tensors_; }
  void set_training(bool on) override { training_ = on; }
  [[nodiscard]] bool training() const override { return training_; }
  void set_batch_statistics(bool /*on*/) override {}
  void move_to(c10::Device /*device*/) override {}
  [[nodiscard]] c10::Device device() const override { return c10::kCPU; }

  /// How often forward() ran.
  std::int64_t forwards = 0;

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    ++forwards;
    const auto conv = [&](const at::Tensor& x, const std::string& name) {
      return at::relu(
          at::conv2d(x, tensors_.at(name + ".weight"), tensors_.at(name + ".bias"), 2, 1));
    };
    const at::Tensor pooled = conv(conv(normalized(images), "conv1"), "conv2").mean({2, 3});
    const at::Tensor z = at::linear(pooled, tensors_.at("fc.weight"), tensors_.at("fc.bias"));
    return 100 * at::sigmoid(8 * z.squeeze(1) - 1.6);
  }

 private:
  static ModelCard make_card() {
    ModelCard card;
    card.name = "tiny";
    return card;
  }

  TensorMap tensors_;
  bool training_ = false;
};

}  // namespace robiq::test
