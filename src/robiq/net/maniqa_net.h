#pragma once
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <vector>

#include "robiq/net/transformers/swin.h"
#include "robiq/net/transformers/vit.h"

namespace robiq {

/// MANIQA's transposed attention block: attention of channels to channels, along the positions.
/// The attended map [C,T] is read as if it had been stored position by position (entry c, t lies at
/// t*C + c and is read at c*T + t); every published weight has been trained so. Names: c_q, c_k,
/// c_v.
class TransposedAttentionImpl : public torch::nn::Module {
 public:
  TransposedAttentionImpl(std::int64_t positions, double dropout);
  /// [N,C,T] -> the same
  [[nodiscard]] at::Tensor forward(const at::Tensor& maps);

 private:
  torch::nn::Linear c_q_, c_k_, c_v_;
  double dropout_;
};
TORCH_MODULE(TransposedAttention);

/// One number for every position: Linear, ReLU, dropout, Linear. Names: 0, 3.
class PositionHeadImpl : public torch::nn::Module {
 public:
  PositionHeadImpl(std::int64_t width, double dropout);
  /// [N,T,width] -> [N,T]
  [[nodiscard]] at::Tensor forward(const at::Tensor& tokens);

 private:
  torch::nn::Linear hidden_, out_;
  double dropout_;
};
TORCH_MODULE(PositionHead);

/// The network of MANIQA (Yang et al., CVPRW 2022) with the authors' state-dict names, what they
/// keep and do not use included (vit.blocks.10 and 11, vit.norm, vit.head, downsample).
class ManiqaNet : public torch::nn::Module {
 public:
  explicit ManiqaNet(const ScaledSwinOptions& options);

  /// \param images  [N,3,224,224], normalised   \return [N]
  [[nodiscard]] at::Tensor forward(const at::Tensor& images);
  /// Outputs of ViT blocks 6-9 side by side, without the class token: [N,3072,784].
  [[nodiscard]] at::Tensor features(const at::Tensor& images);

  Vit vit;
  std::vector<TransposedAttention> tablock1, tablock2;
  torch::nn::Conv2d conv1{nullptr}, conv2{nullptr};
  ScaledSwin swintransformer1{nullptr}, swintransformer2{nullptr};
  PositionHead fc_score{nullptr}, fc_weight{nullptr};

 private:
  [[nodiscard]] std::vector<TransposedAttention> attention_blocks(const std::string& name,
                                                                  double dropout);
};

}  // namespace robiq
