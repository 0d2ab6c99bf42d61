#include "robiq/model/reduced_precision.h"

#include <ATen/ATen.h>

#include "robiq/core/log.h"
#include "robiq/tensor/precision.h"

namespace robiq {
namespace {

/// A model whose passes run under ScopedBfloat16.
class Bfloat16Model final : public QualityModel {
 public:
  explicit Bfloat16Model(std::unique_ptr<QualityModel> inner)
      : QualityModel(inner->card()), inner_(std::move(inner)) {}

  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override {
    return inner_->parameter_groups();
  }
  [[nodiscard]] TensorMap state() const override { return inner_->state(); }
  void set_training(bool on) override { inner_->set_training(on); }
  [[nodiscard]] bool training() const override { return inner_->training(); }
  void set_batch_statistics(bool on) override { inner_->set_batch_statistics(on); }
  void move_to(c10::Device device) override { inner_->move_to(device); }
  [[nodiscard]] at::ScalarType scalar_type() const override { return inner_->scalar_type(); }
  [[nodiscard]] c10::Device device() const override { return inner_->device(); }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    const ScopedBfloat16 bfloat16(images.device().type());
    return inner_->score(images).to(scalar_type());
  }
  [[nodiscard]] at::Tensor forward_training(const at::Tensor& images) override {
    const ScopedBfloat16 bfloat16(images.device().type());
    return inner_->training_outputs(images).to(scalar_type());
  }

 private:
  std::unique_ptr<QualityModel> inner_;
};

}  // namespace

std::unique_ptr<QualityModel> with_precision(std::unique_ptr<QualityModel> model,
                                             NumberFormat format) {
  if (format == NumberFormat::kFp32) return model;
  if (!has_bfloat16_products(model->device())) {
    log::warning(
        "this processor has no instructions for bfloat16: --precision bf16 is many times slower "
        "than fp32 here");
  }
  return std::make_unique<Bfloat16Model>(std::move(model));
}

}  // namespace robiq
