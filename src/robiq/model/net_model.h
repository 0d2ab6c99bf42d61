#pragma once
#include <memory>

#include "robiq/model/quality_model.h"

namespace torch::nn {
class Module;
}

namespace robiq {

/// Turns a torch::nn::Module into a QualityModel: a zoo file writes the module, the card and
/// forward(); the rest is here.
class NetModel : public QualityModel {
 public:
  /// \param net  whose state-dict names become the model's
  NetModel(ModelCard card, std::shared_ptr<torch::nn::Module> net);

  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override;
  [[nodiscard]] TensorMap state() const override;
  void set_training(bool on) override;
  [[nodiscard]] bool training() const override;
  void set_batch_statistics(bool on) override;
  void move_to(c10::Device device) override;
  [[nodiscard]] c10::Device device() const override;
  /// Whether evaluation folds normalisations into convolutions (net/convolution_norm.h).
  [[nodiscard]] bool folds() const;

 private:
  std::shared_ptr<torch::nn::Module> net_;
};

}  // namespace robiq
