#pragma once
#include <utility>
#include <vector>

#include "robiq/model/quality_model.h"

namespace robiq {

/// Scores whole pictures as the mean of another model's scores of fixed views, as the field's
/// models are evaluated. Gradients flow through the cuts, and through the resizing where a policy
/// has one, to the picture.
class CropEnsemble final : public QualityModel {
 public:
  /// \param model  must outlive the ensemble
  /// \param views  of one size, inside every picture that will be scored
  /// \param chunk  how many views are computed at once; bounds memory. Of a frozen model that goes
  ///                for gradients too: each chunk's is taken with its scores
  /// \param resize  height and width that pictures are brought to first (floats, antialiased); 0:
  ///                none
  CropEnsemble(QualityModel& model, std::vector<View> views, std::int64_t chunk,
               std::pair<std::int64_t, std::int64_t> resize = {0, 0});

  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override;
  [[nodiscard]] TensorMap state() const override { return model_.state(); }
  void set_training(bool on) override { model_.set_training(on); }
  [[nodiscard]] bool training() const override { return model_.training(); }
  void set_batch_statistics(bool on) override { model_.set_batch_statistics(on); }
  void move_to(c10::Device device) override { model_.move_to(device); }
  [[nodiscard]] c10::Device device() const override { return model_.device(); }
  [[nodiscard]] at::ScalarType scalar_type() const override { return model_.scalar_type(); }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override;

 private:
  QualityModel& model_;
  std::vector<View> views_;
  std::int64_t chunk_;
  std::pair<std::int64_t, std::int64_t> resize_;
};

}  // namespace robiq
