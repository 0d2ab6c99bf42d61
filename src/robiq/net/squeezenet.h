#pragma once
#include <torch/nn/modules/conv.h>

#include <vector>

namespace robiq {

/// SqueezeNet's unit (Iandola et al., arXiv:1602.07360): few channels by a 1x1 convolution, then
/// many by a 1x1 and a 3x3 one side by side; all rectified.
class FireImpl : public torch::nn::Module {
 public:
  /// \param expanded  channels of each of the two convolutions side by side
  FireImpl(std::int64_t in, std::int64_t squeezed, std::int64_t expanded);

  /// \return [N,2 expanded,h,w]
  [[nodiscard]] at::Tensor forward(const at::Tensor& x);

 private:
  torch::nn::Conv2d squeeze_, expand1x1_, expand3x3_;
};
TORCH_MODULE(Fire);

/// SqueezeNet 1.1 without its classifier. State-dict names are torchvision's, without `features.`:
/// 0, then N.squeeze, N.expand1x1, N.expand3x3 for N = 3, 4, 6, 7, 9, 10, 11, 12.
/// New weights are torch's for a convolution.
class SqueezeNetFeaturesImpl : public torch::nn::Module {
 public:
  SqueezeNetFeaturesImpl();

  /// \param images  [N,3,H,W], normalised, H and W at least 17
  /// \return the rectified outputs before each pooling and of the last four units: 64, 128, 256,
  ///         384, 384, 512, 512 channels
  [[nodiscard]] std::vector<at::Tensor> stages(const at::Tensor& images);

 private:
  torch::nn::Conv2d first_;
  std::vector<Fire> units_;
};
TORCH_MODULE(SqueezeNetFeatures);

}  // namespace robiq
