#pragma once
#include <torch/nn/modules/linear.h>

#include "robiq/net/scnn.h"
#include "robiq/net/vgg.h"

namespace robiq {

/// The network of DBCNN (Zhang et al., TCSVT 2020): VGG-16 and S-CNN side by side, bilinear
/// pooling, one linear layer. State-dict names are the authors': features1, features2, fc.
/// New weights of fc: normal, variance 2 / fan-in, bias zero.
class DbcnnNet : public torch::nn::Module {
 public:
  DbcnnNet();

  /// \param images  [N,3,H,W], normalised, sides at least 16   \return [N]
  [[nodiscard]] at::Tensor forward(const at::Tensor& images);

  Vgg16Features features1;
  ScnnFeatures features2;
  torch::nn::Linear fc;
};

/// Resizes maps to the size of others: bilinear, corners on corners.
/// \param maps  [N,C,h,w]   \param like  [N,D,H,W]   \return [N,C,H,W]; `maps` if the sizes agree
[[nodiscard]] at::Tensor resized_like(const at::Tensor& maps, const at::Tensor& like);

/// The mean over positions of the products of every channel of one map and every one of another.
/// \param first  [N,C,H,W]   \param second  [N,D,H,W]   \return [N,C*D], entry i*D + j of i and j
[[nodiscard]] at::Tensor bilinear_pooled(const at::Tensor& first, const at::Tensor& second);

/// sqrt(x + 1e-8) of not negative numbers, scaled to length 1. \param pooled  [N,K]
[[nodiscard]] at::Tensor normalized_root(const at::Tensor& pooled);

}  // namespace robiq
