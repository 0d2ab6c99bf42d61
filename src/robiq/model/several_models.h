#pragma once
#include <memory>
#include <vector>

#include "robiq/model/quality_model.h"

namespace robiq {

/// Several models as one that attacks are made on. Its score is the mean of theirs, each on the
/// scale 0 worst to 100 best; attacks by the gradient's sign or size alone ask each of them by
/// itself (models_in()), so that none speaks louder for the steepness of its scores. It is frozen,
/// and not trained.
class SeveralModels final : public QualityModel {
 public:
  /// \param models  at least one, each of which takes the same pictures
  explicit SeveralModels(std::vector<std::unique_ptr<QualityModel>> models);

  [[nodiscard]] const std::vector<std::unique_ptr<QualityModel>>& models() const { return models_; }

  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override;
  /// Names begin with the model's number: "0.conv.weight".
  [[nodiscard]] TensorMap state() const override;
  void set_training(bool on) override;
  [[nodiscard]] bool training() const override { return models_.front()->training(); }
  void set_batch_statistics(bool on) override;
  void move_to(c10::Device device) override;
  [[nodiscard]] c10::Device device() const override { return models_.front()->device(); }
  [[nodiscard]] at::ScalarType scalar_type() const override {
    return models_.front()->scalar_type();
  }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override;

 private:
  std::vector<std::unique_ptr<QualityModel>> models_;
};

/// The models that `model` consists of: those of SeveralModels, else itself.
[[nodiscard]] std::vector<QualityModel*> models_in(QualityModel& model);

}  // namespace robiq
