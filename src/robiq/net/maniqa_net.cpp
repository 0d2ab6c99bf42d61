#include "robiq/net/maniqa_net.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/nn/modules/container/modulelist.h>

#include <cmath>

#include "robiq/tensor/random.h"

namespace robiq {
namespace {

constexpr std::int64_t kGrid = VitImpl::kGrid, kPositions = kGrid * kGrid;
constexpr std::size_t kFirstBlock = 6, kLastBlock = 9;
constexpr std::int64_t kTapped = (kLastBlock - kFirstBlock + 1) * VitImpl::kWidth;
constexpr std::int64_t kWide = 768, kNarrow = 384;
constexpr int kAttentionBlocks = 2;

at::Tensor through(std::vector<TransposedAttention>& blocks, at::Tensor x) {
  for (TransposedAttention& block : blocks) x = block(x);
  return x;
}

torch::nn::Conv2d pointwise(std::int64_t in, std::int64_t out) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 1));
}

/// softmax(q k^T) v. Without a graph one picture at a time, so that scoring many holds one [C,C].
at::Tensor channel_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  if (at::GradMode::is_enabled() || q.size(0) == 1) {
    return at::bmm(at::softmax(at::bmm(q, k.transpose(1, 2)), 2), v);
  }
  at::Tensor out = at::empty_like(v);
  for (std::int64_t i = 0; i < q.size(0); ++i) {
    at::Tensor row = out[i];
    at::mm_out(row, at::softmax(at::mm(q[i], k[i].t()), 1), v[i]);
  }
  return out;
}

}  // namespace

TransposedAttentionImpl::TransposedAttentionImpl(std::int64_t positions, double dropout)
    : c_q_(register_module("c_q", torch::nn::Linear(positions, positions))),
      c_k_(register_module("c_k", torch::nn::Linear(positions, positions))),
      c_v_(register_module("c_v", torch::nn::Linear(positions, positions))),
      dropout_(dropout) {}

at::Tensor TransposedAttentionImpl::forward(const at::Tensor& maps) {
  const at::Tensor x = maps.contiguous();
  const at::Tensor q = c_q_(x) * (1 / std::sqrt(static_cast<double>(x.size(2))));
  const at::Tensor attended = channel_attention(q, c_k_(x), c_v_(x));
  return x + row_dropout(attended.transpose(1, 2).reshape(x.sizes()), dropout_, is_training());
}

PositionHeadImpl::PositionHeadImpl(std::int64_t width, double dropout)
    : hidden_(register_module("0", torch::nn::Linear(width, width))),
      out_(register_module("3", torch::nn::Linear(width, 1))),
      dropout_(dropout) {}

at::Tensor PositionHeadImpl::forward(const at::Tensor& tokens) {
  return out_(row_dropout(at::relu(hidden_(tokens)), dropout_, is_training())).squeeze(2);
}

ManiqaNet::ManiqaNet(const ScaledSwinOptions& options) : vit(register_module("vit", Vit())) {
  const double dropout = options.dropout;
  tablock1 = attention_blocks("tablock1", dropout);
  conv1 = register_module("conv1", pointwise(kTapped, kWide));
  swintransformer1 =
      register_module("swintransformer1", ScaledSwin(SwinShape{.width = kWide}, options));
  tablock2 = attention_blocks("tablock2", dropout);
  conv2 = register_module("conv2", pointwise(kWide, kNarrow));
  swintransformer2 =
      register_module("swintransformer2", ScaledSwin(SwinShape{.width = kNarrow}, options));
  fc_score = register_module("fc_score", PositionHead(kNarrow, dropout));
  fc_weight = register_module("fc_weight", PositionHead(kNarrow, dropout));
}

std::vector<TransposedAttention> ManiqaNet::attention_blocks(const std::string& name,
                                                             double dropout) {
  std::vector<TransposedAttention> blocks;
  torch::nn::ModuleList list;
  for (int i = 0; i < kAttentionBlocks; ++i) {
    list->push_back(blocks.emplace_back(kPositions, dropout));
  }
  register_module(name, list);
  return blocks;
}

at::Tensor ManiqaNet::features(const at::Tensor& images) {
  const at::Tensor taps = at::cat(vit->block_outputs(images, kFirstBlock, kLastBlock), 2);
  return taps.narrow(1, 1, kPositions).transpose(1, 2);
}

at::Tensor ManiqaNet::forward(const at::Tensor& images) {
  const std::int64_t n = images.size(0);
  at::Tensor x = through(tablock1, features(images));
  x = swintransformer1(conv1(x.view({n, kTapped, kGrid, kGrid})));
  x = through(tablock2, x.flatten(2));
  x = swintransformer2(conv2(x.view({n, kWide, kGrid, kGrid})));
  const at::Tensor tokens = x.flatten(2).transpose(1, 2);
  const at::Tensor scores = at::relu(fc_score(tokens));
  const at::Tensor weights = at::sigmoid(fc_weight(tokens));
  return (scores * weights).sum(1) / weights.sum(1);
}

}  // namespace robiq
