#include "robiq/net/transformers/vit.h"

#include <ATen/ATen.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/container/modulelist.h>

namespace robiq {
namespace {

constexpr double kEpsilon = 1e-6, kEmbeddingSigma = 0.02;

torch::nn::LayerNorm vit_layer_norm(std::int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(kEpsilon));
}

}  // namespace

VitAttentionImpl::VitAttentionImpl(std::int64_t width, std::int64_t heads)
    : heads_(heads),
      qkv_(register_module("qkv", torch::nn::Linear(width, 3 * width))),
      proj_(register_module("proj", torch::nn::Linear(width, width))) {}

at::Tensor VitAttentionImpl::forward(const at::Tensor& x) {
  return proj_(multi_head_attention(qkv_(x), heads_));
}

VitBlockImpl::VitBlockImpl(std::int64_t width, std::int64_t heads)
    : norm1_(register_module("norm1", vit_layer_norm(width))),
      norm2_(register_module("norm2", vit_layer_norm(width))),
      attn_(register_module("attn", VitAttention(width, heads))),
      mlp_(register_module("mlp", Mlp(width, 4 * width))) {}

at::Tensor VitBlockImpl::forward(const at::Tensor& x) {
  const at::Tensor attended = x + attn_(norm1_(x));
  return attended + mlp_(norm2_(attended));
}

PatchEmbeddingImpl::PatchEmbeddingImpl(std::int64_t side, std::int64_t width)
    : proj_(register_module(
          "proj", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, width, side).stride(side)))) {}

at::Tensor PatchEmbeddingImpl::forward(const at::Tensor& images) {
  return proj_(images).flatten(2).transpose(1, 2);
}

VitImpl::VitImpl() : patch_embed(register_module("patch_embed", PatchEmbedding(kPatch, kWidth))) {
  cls_token_ = register_parameter("cls_token", at::empty({1, 1, kWidth}));
  pos_embed_ = register_parameter("pos_embed", at::empty({1, kGrid * kGrid + 1, kWidth}));
  torch::nn::init::normal_(cls_token_, 0, kEmbeddingSigma);
  torch::nn::init::normal_(pos_embed_, 0, kEmbeddingSigma);
  torch::nn::ModuleList blocks;
  for (std::int64_t i = 0; i < kDepth; ++i) {
    blocks->push_back(blocks_.emplace_back(kWidth, kHeads));
  }
  register_module("blocks", blocks);
  register_module("norm", vit_layer_norm(kWidth));
  register_module("head", torch::nn::Linear(kWidth, kClasses));
}

std::vector<at::Tensor> VitImpl::block_outputs(const at::Tensor& images, std::size_t first,
                                               std::size_t last) {
  std::vector<at::Tensor> outputs;
  at::Tensor x =
      at::cat({cls_token_.expand({images.size(0), -1, -1}), patch_embed(images)}, 1) + pos_embed_;
  for (std::size_t i = 0; i <= last; ++i) {
    x = blocks_[i](x);
    if (i >= first) outputs.push_back(x);
  }
  return outputs;
}

}  // namespace robiq
