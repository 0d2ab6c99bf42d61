#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/model/several_models.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace row_ascent_test {

at::Tensor gradient_of(QualityModel& model, const at::Tensor& images) {
  const at::Tensor leaf = images.clone().requires_grad_(true);
  return torch::autograd::grad({model.score(leaf).sum()}, {leaf})[0];
}

/// TinyIQA whose scores are a hundredth of its own, the other way round.
class FlippedIqa final : public QualityModel {
 public:
  FlippedIqa() : QualityModel(card_of()) {}
  std::vector<ParamGroup> parameter_groups() override { return inner_.parameter_groups(); }
  [[nodiscard]] TensorMap state() const override { return inner_.state(); }
  void set_training(bool on) override { inner_.set_training(on); }
  [[nodiscard]] bool training() const override { return inner_.training(); }
  void set_batch_statistics(bool /*on*/) override {}
  void move_to(c10::Device /*device*/) override {}
  [[nodiscard]] c10::Device device() const override { return c10::kCPU; }

 protected:
  at::Tensor forward(const at::Tensor& images) override {
    return (100 - inner_.score(images.flip(3))) / 100;
  }

 private:
  static ModelCard card_of() {
    ModelCard card;
    card.name = "flipped";
    card.scale = {1, 0};
    return card;
  }
  test::TinyIqa inner_;
};

TEST(RowAscent, OfSeveralModelsCountsEachAlike) {
  std::vector<std::unique_ptr<QualityModel>> models;
  models.push_back(std::make_unique<test::TinyIqa>());
  models.push_back(std::make_unique<FlippedIqa>());
  SeveralModels both(std::move(models));
  const at::Tensor images =
      at::cat({det::picture({"a", 40, 48, 200, 20}), det::picture({"b", 40, 48, 128, 64})});
  const at::Tensor clean = both.score(images).detach();
  const at::Tensor one = gradient_of(*both.models()[0], images);
  const at::Tensor other = -gradient_of(*both.models()[1], images);  // its scale falls
  const auto alike = [](const at::Tensor& gradient) {
    return gradient / gradient.abs().mean({1, 2, 3}, true);
  };
  const RowAscent up = row_ascent(both, images, Objective::kUp, clean);
  EXPECT_TRUE(at::allclose(up.gradient, alike(one) + alike(other), 1e-4, 1e-5));
  EXPECT_TRUE(at::allclose(up.values, clean, 0, 1e-3));
  const RowAscent down = row_ascent(both, images, Objective::kDown, clean);
  EXPECT_TRUE(at::allclose(down.gradient, -up.gradient, 1e-4, 1e-5));
}

}  // namespace row_ascent_test
}  // namespace robiq
