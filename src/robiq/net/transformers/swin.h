#pragma once
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include <vector>

#include "robiq/net/transformers/transformer.h"

namespace robiq {

/// A square map of tokens, and how its blocks look at it.
struct SwinShape {
  std::int64_t width = 0;        ///< channels of a token
  std::int64_t side = 28;        ///< tokens in a row and in a column, a multiple of `window`
  std::int64_t heads = 4;        ///< divides `width`
  std::int64_t window = 4;       ///< side of a window, tokens
  std::int64_t mlp_width = 768;  ///< hidden units of the feed-forward part
};

/// In training mode drops the whole branch of some samples and scales the others by 1/(1 - rate),
/// so that the mean stays; otherwise returns its input. The draw comes from torch's global
/// generator. \param branch  [N,...]
[[nodiscard]] at::Tensor drop_path(const at::Tensor& branch, double rate, bool training);

/// Attention inside windows, with a learnt bias for every relative position. Names: qkv, proj,
/// relative_position_bias_table, and the buffer relative_position_index.
class WindowAttentionImpl : public torch::nn::Module {
 public:
  explicit WindowAttentionImpl(const SwinShape& shape);
  /// \param windows  [N*W,window*window,width], the W windows of a picture one after the other
  /// \param mask     [W,window*window,window*window] added to the scores; or undefined
  [[nodiscard]] at::Tensor forward(const at::Tensor& windows, const at::Tensor& mask);

 private:
  SwinShape shape_;
  torch::nn::Linear qkv_, proj_;
  at::Tensor table_, index_;
};
TORCH_MODULE(WindowAttention);

/// Window attention and feed-forward, each after layer normalisation (epsilon 1e-5) and added to
/// its input. Windows of a shifted block begin half a window later and wrap around; its buffer
/// attn_mask keeps tokens apart that meet only by that. Names: attn_mask, norm1, attn, norm2, mlp.
class SwinBlockImpl : public torch::nn::Module {
 public:
  SwinBlockImpl(const SwinShape& shape, bool shifted, double drop_rate);
  /// [N,side*side,width] -> the same
  [[nodiscard]] at::Tensor forward(const at::Tensor& tokens);

 private:
  [[nodiscard]] at::Tensor attended(const at::Tensor& tokens);

  SwinShape shape_;
  std::int64_t shift_;
  double drop_rate_;
  at::Tensor mask_;  ///< undefined unless shifted
  torch::nn::LayerNorm norm1_{nullptr}, norm2_{nullptr};
  WindowAttention attn_{nullptr};
  Mlp mlp_{nullptr};
};
TORCH_MODULE(SwinBlock);

/// Two blocks, the second shifted, then a 3x3 convolution and a rectifier. Names: blocks, conv.
class SwinLayerImpl : public torch::nn::Module {
 public:
  SwinLayerImpl(const SwinShape& shape, const std::vector<double>& drop_rates);
  /// [N,side*side,width] -> the same
  [[nodiscard]] at::Tensor forward(const at::Tensor& tokens);

  std::vector<SwinBlock> blocks;

 private:
  SwinShape shape_;
  torch::nn::Conv2d conv_{nullptr};
};
TORCH_MODULE(SwinLayer);

/// What MANIQA adds to Swin: layers whose output is scaled and added to their input.
struct ScaledSwinOptions {
  double scale = 0.8;      ///< of a layer's output
  double dropout = 0.1;    ///< of the input map
  double drop_path = 0.1;  ///< of the last block; rates grow linearly from 0 at the first
};

/// MANIQA's Swin part: two scaled layers of two blocks (Yang et al., CVPRW 2022). Its state has a
/// convolution `downsample` that computes nothing, as the authors' files have. Names: layers,
/// downsample.
class ScaledSwinImpl : public torch::nn::Module {
 public:
  static constexpr std::size_t kLayers = 2, kBlocks = 2;
  ScaledSwinImpl(const SwinShape& shape, const ScaledSwinOptions& options);
  /// [N,width,side,side] -> the same
  [[nodiscard]] at::Tensor forward(const at::Tensor& maps);

  std::vector<SwinLayer> layers;

 private:
  SwinShape shape_;
  double scale_;
  double dropout_;
};
TORCH_MODULE(ScaledSwin);

}  // namespace robiq
