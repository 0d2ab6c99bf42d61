#pragma once
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include <vector>

#include "robiq/net/transformers/transformer.h"
#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// Self-attention with one linear layer for queries, keys and values. Names: qkv, proj.
class VitAttentionImpl : public torch::nn::Module {
 public:
  VitAttentionImpl(std::int64_t width, std::int64_t heads);
  /// [N,T,width] -> [N,T,width]
  [[nodiscard]] at::Tensor forward(const at::Tensor& x);

 private:
  std::int64_t heads_;
  torch::nn::Linear qkv_, proj_;
};
TORCH_MODULE(VitAttention);

/// Attention and feed-forward, each after layer normalisation (epsilon 1e-6) and added to its
/// input. Names: norm1, attn, norm2, mlp.
class VitBlockImpl : public torch::nn::Module {
 public:
  VitBlockImpl(std::int64_t width, std::int64_t heads);
  /// [N,T,width] -> [N,T,width]
  [[nodiscard]] at::Tensor forward(const at::Tensor& x);

 private:
  torch::nn::LayerNorm norm1_, norm2_;
  VitAttention attn_;
  Mlp mlp_;
};
TORCH_MODULE(VitBlock);

/// The projection of patches to tokens. Name: proj.
class PatchEmbeddingImpl : public torch::nn::Module {
 public:
  PatchEmbeddingImpl(std::int64_t side, std::int64_t width);
  /// [N,3,H,W] -> [N,(H/side)*(W/side),width], tokens in row order
  [[nodiscard]] at::Tensor forward(const at::Tensor& images);

 private:
  torch::nn::Conv2d proj_;
};
TORCH_MODULE(PatchEmbedding);

/// ViT-B/8 for 224x224 pictures (Dosovitskiy et al., ICLR 2021) with the state-dict names of timm's
/// vit_base_patch8_224: cls_token, pos_embed, patch_embed, blocks.0-11, norm, head. The last two
/// belong to the state and take no part in block_outputs().
/// New weights: as torch's layers draw them; both embeddings normal, sigma 0.02.
class VitImpl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kSide = 224, kPatch = 8, kGrid = kSide / kPatch, kWidth = 768,
                                kHeads = 12, kDepth = 12, kClasses = 1000;
  VitImpl();

  /// Outputs of blocks first..last, with the class token in front; later blocks are not computed.
  /// \param images  [N,3,224,224], normalised   \return each [N,785,768]
  [[nodiscard]] std::vector<at::Tensor> block_outputs(const at::Tensor& images, std::size_t first,
                                                      std::size_t last);

  PatchEmbedding patch_embed;

 private:
  at::Tensor cls_token_, pos_embed_;
  std::vector<VitBlock> blocks_;
};
TORCH_MODULE(Vit);

/// Whether these are a vision transformer's arrays as JAX programs name them.
[[nodiscard]] bool is_vit_of_jax(const TensorMap& arrays);

/// Renames and turns the arrays of a ViT that was trained in JAX (the .npz files of Steiner et al.,
/// "How to train your ViT?") into the tensors of timm's vision transformer: kernels become
/// [out,in], those of queries, keys and values one matrix. Where the names carry the prefix
/// `opt/target/`, those without it (an optimiser's) are left out. Arrays that are no part of a ViT
/// keep their names, so that whoever loads the result can name them.
/// \throws Error{kModel} for an array that is missing or has the wrong number of dimensions.
[[nodiscard]] TensorMap vit_from_jax(const TensorMap& arrays);

}  // namespace robiq
