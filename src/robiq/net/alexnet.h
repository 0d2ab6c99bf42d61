#pragma once
#include <torch/nn/modules/conv.h>

#include <vector>

namespace robiq {

/// The convolutions of AlexNet in its one-GPU form (Krizhevsky, arXiv:1404.5997), up to the last
/// rectifier. State-dict names are torchvision's, without `features.`: 0, 3, 6, 8, 10.
/// New weights are torch's for a convolution.
class AlexNetFeaturesImpl : public torch::nn::Module {
 public:
  AlexNetFeaturesImpl();

  /// \param images  [N,3,H,W], normalised, H and W at least 31
  /// \return what each convolution gives, rectified: 64, 192, 384, 256, 256 channels
  [[nodiscard]] std::vector<at::Tensor> stages(const at::Tensor& images);

 private:
  std::vector<torch::nn::Conv2d> layers_;
};
TORCH_MODULE(AlexNetFeatures);

}  // namespace robiq
