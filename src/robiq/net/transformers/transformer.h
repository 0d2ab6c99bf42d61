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

/// Whether attention in tiles is faster than with whole score matrices: on a CPU, float32 or
/// float64, with tokens enough that the matrices of all heads leave the cache.
/// \param qkv  [G,N,3*heads*D]
[[nodiscard]] bool tiles_pay(const at::Tensor& qkv);

/// Scaled dot-product attention without whole score matrices: a few queries at a time meet all
/// keys, and neither scores nor their softmax outlive them (Rabe and Staats, arXiv 2112.05682). The
/// gradient makes them anew, so that a graph holds qkv alone. It can be differentiated again; that
/// second time holds whole matrices.
/// \param qkv  [G,N,3*heads*D], channels in the order queries | keys | values, head, channel
/// \return [G,N,heads*D]
[[nodiscard]] at::Tensor tiled_attention(const at::Tensor& qkv, std::int64_t heads);

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
