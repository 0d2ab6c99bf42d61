#pragma once
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <array>

#include "robiq/net/resnet.h"

namespace robiq {

/// What HyperNet computes on its way, for N pictures of 224x224.
struct HyperNetOutputs {
  at::Tensor stem;                    ///< [N,64,56,56]
  std::array<at::Tensor, 4> stages;   ///< of the ResNet-50
  at::Tensor content;                 ///< [N,112,7,7], what the target's weights come from
  at::Tensor distortion;              ///< [N,224], the target network's input
  std::array<at::Tensor, 5> weights;  ///< [N,112,224], [N,56,112], ..., [N,1,14]
  std::array<at::Tensor, 5> biases;   ///< [N,112], [N,56], [N,28], [N,14], [N,1]
  std::array<at::Tensor, 4> hidden;   ///< [N,112], [N,56], [N,28], [N,14]
  at::Tensor score;                   ///< [N]
};

/// HyperIQA's network (Su et al., CVPR 2020): a ResNet-50; four branches that gather local
/// distortion from its layers; and layers that make, from its last one, the weights of a small
/// network of the picture's own, which maps the distortion to the score. Names and initial values
/// are the authors', but for the ResNet's, see there.
class HyperNetImpl : public torch::nn::Module {
 public:
  HyperNetImpl();
  /// \param images  [N,3,224,224], normalised
  [[nodiscard]] HyperNetOutputs forward(const at::Tensor& images);

 private:
  void make_distortion_branches();
  void make_generators();
  [[nodiscard]] at::Tensor distortion(const std::array<at::Tensor, 4>& stages);
  void generate(HyperNetOutputs& out);

  ResNet res_;
  std::array<torch::nn::Conv2d, 3> branch_conv_{nullptr, nullptr, nullptr};
  std::array<torch::nn::Linear, 4> branch_fc_{nullptr, nullptr, nullptr, nullptr};
  std::array<torch::nn::Conv2d, 3> content_conv_{nullptr, nullptr, nullptr};
  std::array<torch::nn::Conv2d, 4> weight_conv_{nullptr, nullptr, nullptr, nullptr};
  torch::nn::Linear last_weight_fc_{nullptr};
  std::array<torch::nn::Linear, 5> bias_fc_{nullptr, nullptr, nullptr, nullptr, nullptr};
};
TORCH_MODULE(HyperNet);

}  // namespace robiq
