#pragma once
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/conv.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "robiq/net/convolution_norm.h"

namespace robiq {

/// What a residual network is made of. Names are those of its parts in the state dict, so that
/// another program's names can be met without renaming.
struct ResNetOptions {
  std::array<std::int64_t, 4> depths{};  ///< residual blocks in each of the four layers
  bool bottleneck = false;  ///< blocks of 1x1, 3x3, 1x1 with four times the width, not 3x3, 3x3
  std::string conv_name = "conv1", norm_name = "bn1";
  std::array<std::string, 4> layer_names{"layer1", "layer2", "layer3", "layer4"};
};

/// A residual block: convolutions and batch normalisations in turn, ReLU between them, the shortcut
/// added, ReLU. The stride sits on the first 3x3 convolution. Children: conv1, bn1, ...,
/// downsample.0 and .1 where the shortcut changes shape.
class ResidualBlockImpl : public torch::nn::Module {
 public:
  ResidualBlockImpl(std::int64_t in, std::int64_t width, std::int64_t stride, bool bottleneck);
  /// [N,in,H,W] -> [N,out,ceil(H/stride),ceil(W/stride)]
  [[nodiscard]] at::Tensor forward(const at::Tensor& x);

 private:
  void add(std::int64_t in, std::int64_t out, std::int64_t side, std::int64_t stride);

  std::vector<ConvolutionNorm> layers_;
  std::optional<ConvolutionNorm> shortcut_;  ///< where the shape changes
  bool strided_ = false;                     ///< the shortcut skips rows and columns
};
TORCH_MODULE(ResidualBlock);

/// The ResNet of He et al. (CVPR 2016) as torchvision makes it (version 1.5), without its pooling
/// and classifier. Convolutions begin as Kaiming normal over the outputs, as torchvision's do when
/// no weights are loaded; normalisations as 1 and 0.
class ResNetImpl : public torch::nn::Module {
 public:
  explicit ResNetImpl(const ResNetOptions& options);

  /// 7x7 convolution of stride 2, normalisation, ReLU, 3x3 max-pooling of stride 2.
  /// [N,3,H,W], normalised -> [N,64,h,w], h = ceil(ceil(H/2)/2)
  [[nodiscard]] at::Tensor stem(const at::Tensor& images);
  /// What the four layers give for the stem's output; each after the first halves the sides,
  /// rounding up. Channels are 64, 128, 256, 512, four times that with bottlenecks.
  [[nodiscard]] std::array<at::Tensor, 4> stages(const at::Tensor& stem);

  using torch::nn::Module::to;
  void to(c10::Device device, bool non_blocking = false) override;

 private:
  void lay_out_weights(c10::Device device);

  ConvolutionNorm first_;
  std::array<torch::nn::ModuleList, 4> layers_;
};
TORCH_MODULE(ResNet);

/// The two that quality models use, with torchvision's names.
[[nodiscard]] ResNetOptions resnet34();
[[nodiscard]] ResNetOptions resnet50();

}  // namespace robiq
