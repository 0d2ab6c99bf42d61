#pragma once
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

#include <vector>

#include "robiq/net/convolution_norm.h"

namespace robiq {

/// The convolutions of S-CNN, DBCNN's network for synthetic distortions (Zhang et al., TCSVT 2020):
/// nine 3x3 convolutions with bias, each followed by batch normalisation and a rectifier.
/// State-dict names are the authors', without `features.`: 0 and 1, 3 and 4, ..., 24 and 25.
/// New convolutions: normal, variance 2 / fan-in, biases zero.
class ScnnFeaturesImpl : public torch::nn::Module {
 public:
  ScnnFeaturesImpl();

  /// \param images  [N,3,H,W], normalised
  /// \return [N,128,h,w], h and w halved (rounded up) four times
  [[nodiscard]] at::Tensor forward(const at::Tensor& images);

 private:
  std::vector<ConvolutionNorm> layers_;
};
TORCH_MODULE(ScnnFeatures);

}  // namespace robiq
