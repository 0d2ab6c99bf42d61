#pragma once
#include <torch/nn/modules/conv.h>

#include <functional>
#include <vector>

namespace robiq {

/// The convolutions of VGG-16 without batch normalisation (Simonyan and Zisserman, ICLR 2015), up
/// to the last rectifier: what follows it in torchvision's `features` is left out. State-dict names
/// are torchvision's, without `features.`: 0, 2, 5, ..., 28.
/// New weights are drawn as torchvision does: normal, variance 2 / fan-out, biases zero.
class Vgg16FeaturesImpl : public torch::nn::Module {
 public:
  Vgg16FeaturesImpl();

  /// \param images  [N,3,H,W], normalised, H and W at least 16
  /// \return [N,512,h,w], h and w halved (rounded down) four times
  [[nodiscard]] at::Tensor forward(const at::Tensor& images);
  /// The same for each of the five stages: 64, 128, 256, 512, 512 channels before every pooling.
  [[nodiscard]] std::vector<at::Tensor> stages(const at::Tensor& images);
  /// The same with another pooling between the stages; then also for smaller pictures.
  using Pooling = std::function<at::Tensor(const at::Tensor&)>;
  [[nodiscard]] std::vector<at::Tensor> stages(const at::Tensor& images, const Pooling& pooling);

 private:
  std::vector<std::vector<torch::nn::Conv2d>> stages_;
};
TORCH_MODULE(Vgg16Features);

}  // namespace robiq
