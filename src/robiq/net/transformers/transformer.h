#pragma once
#include <torch/nn/modules/linear.h>

namespace robiq {

/// Scaled dot-product attention of every head in every group of tokens at once.
/// \param qkv     [G,N,3*heads*D], channels in the order queries | keys | values, head, channel
/// \param scores  added to the attention scores, [W,heads,N,N]; W divides G, group g takes entry
///                g mod W. Undefined: nothing is added
/// \return [G,N,heads*D]
[[nodiscard]] at::Tensor multi_head_attention(const at::Tensor& qkv, std::int64_t heads,
                                              const at::Tensor& scores = {});

/// The feed-forward part of a transformer block: fc1, GELU (exact), fc2.
class MlpImpl : public torch::nn::Module {
 public:
  MlpImpl(std::int64_t width, std::int64_t hidden);
  /// [..., width] -> [..., width]
  [[nodiscard]] at::Tensor forward(const at::Tensor& x);

 private:
  torch::nn::Linear fc1_, fc2_;
};
TORCH_MODULE(Mlp);

}  // namespace robiq
