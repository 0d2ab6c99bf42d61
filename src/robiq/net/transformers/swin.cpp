#include "robiq/net/transformers/swin.h"

#include <ATen/ATen.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/container/modulelist.h>

#include "robiq/tensor/random.h"

namespace robiq {
namespace {

constexpr double kApart = -100, kBiasSigma = 0.02;

/// [N,side,side,C] -> [N*(side/window)^2,window*window,C], windows in row order.
at::Tensor cut_windows(const at::Tensor& map, std::int64_t window) {
  const std::int64_t n = map.size(0), rows = map.size(1) / window, c = map.size(3);
  return map.view({n, rows, window, rows, window, c})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({n * rows * rows, window * window, c});
}

/// The inverse: [N,side,side,C].
at::Tensor join_windows(const at::Tensor& windows, std::int64_t window, std::int64_t side) {
  const std::int64_t rows = side / window, c = windows.size(2);
  return windows.view({-1, rows, rows, window, window, c})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({-1, side, side, c});
}

/// For each pair of tokens of a window the row of the bias table: int64 [window^2,window^2].
at::Tensor relative_position_index(std::int64_t window) {
  const at::Tensor along = at::arange(window, at::kLong);
  const at::Tensor y = along.repeat_interleave(window), x = along.repeat({window});
  const at::Tensor dy = y.unsqueeze(1) - y + (window - 1), dx = x.unsqueeze(1) - x + (window - 1);
  return dy * (2 * window - 1) + dx;
}

/// 0 for pairs of tokens of one region of the rolled map, kApart for others:
/// [(side/window)^2,window^2,window^2].
at::Tensor shifted_mask(const SwinShape& shape) {
  // Along an axis: what never shares a window with the edge, the last window's own, what wrapped.
  at::Tensor band = at::zeros({shape.side});
  band.narrow(0, shape.side - shape.window, shape.window).fill_(1);
  band.narrow(0, shape.side - shape.window / 2, shape.window / 2).fill_(2);
  const at::Tensor region = (3 * band.unsqueeze(1) + band).view({1, shape.side, shape.side, 1});
  const at::Tensor of_token = cut_windows(region, shape.window).squeeze(2);
  const at::Tensor apart = of_token.unsqueeze(1).ne(of_token.unsqueeze(2));
  return at::zeros(apart.sizes()).masked_fill_(apart, kApart);
}

torch::nn::LayerNorm layer_norm(std::int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}));
}

/// [N,side*side,C] -> [N,C,side,side], the same memory: channels last.
at::Tensor map_of(const at::Tensor& tokens, std::int64_t side) {
  return tokens.view({tokens.size(0), side, side, tokens.size(2)}).permute({0, 3, 1, 2});
}

/// [N,C,side,side] -> [N,side*side,C]
at::Tensor tokens_of(const at::Tensor& map) {
  return map.permute({0, 2, 3, 1}).contiguous().flatten(1, 2);
}

}  // namespace

at::Tensor drop_path(const at::Tensor& branch, double rate, bool training) {
  if (rate == 0 || !training) return branch;
  std::vector<std::int64_t> shape(static_cast<std::size_t>(branch.dim()), 1);
  shape[0] = branch.size(0);
  return branch * (row_mask(1 - rate, shape, branch) / (1 - rate));
}

WindowAttentionImpl::WindowAttentionImpl(const SwinShape& shape)
    : shape_(shape),
      qkv_(register_module("qkv", torch::nn::Linear(shape.width, 3 * shape.width))),
      proj_(register_module("proj", torch::nn::Linear(shape.width, shape.width))) {
  const std::int64_t positions = (2 * shape.window - 1) * (2 * shape.window - 1);
  table_ = register_parameter("relative_position_bias_table", at::empty({positions, shape.heads}));
  torch::nn::init::normal_(table_, 0, kBiasSigma);
  index_ = register_buffer("relative_position_index", relative_position_index(shape.window));
}

at::Tensor WindowAttentionImpl::forward(const at::Tensor& windows, const at::Tensor& mask) {
  const std::int64_t tokens = shape_.window * shape_.window;
  at::Tensor scores = table_.index_select(0, index_.flatten())
                          .view({tokens, tokens, shape_.heads})
                          .permute({2, 0, 1})
                          .unsqueeze(0);
  if (mask.defined()) scores = scores + mask.unsqueeze(1);
  return proj_(multi_head_attention(qkv_(windows), shape_.heads, scores));
}

SwinBlockImpl::SwinBlockImpl(const SwinShape& shape, bool shifted, double drop_rate)
    : shape_(shape), shift_(shifted ? shape.window / 2 : 0), drop_rate_(drop_rate) {
  if (shifted) mask_ = register_buffer("attn_mask", shifted_mask(shape));
  norm1_ = register_module("norm1", layer_norm(shape.width));
  attn_ = register_module("attn", WindowAttention(shape));
  norm2_ = register_module("norm2", layer_norm(shape.width));
  mlp_ = register_module("mlp", Mlp(shape.width, shape.mlp_width));
}

at::Tensor SwinBlockImpl::attended(const at::Tensor& tokens) {
  at::Tensor map = tokens.view({-1, shape_.side, shape_.side, shape_.width});
  if (shift_ > 0) map = map.roll({-shift_, -shift_}, {1, 2});
  map = join_windows(attn_(cut_windows(map, shape_.window), mask_), shape_.window, shape_.side);
  if (shift_ > 0) map = map.roll({shift_, shift_}, {1, 2});
  return map.flatten(1, 2);
}

at::Tensor SwinBlockImpl::forward(const at::Tensor& tokens) {
  const at::Tensor x = tokens + drop_path(attended(norm1_(tokens)), drop_rate_, is_training());
  return x + drop_path(mlp_(norm2_(x)), drop_rate_, is_training());
}

SwinLayerImpl::SwinLayerImpl(const SwinShape& shape, const std::vector<double>& drop_rates)
    : shape_(shape) {
  torch::nn::ModuleList list;
  for (const double rate : drop_rates) {
    list->push_back(blocks.emplace_back(shape, blocks.size() % 2 == 1, rate));
  }
  register_module("blocks", list);
  conv_ = register_module(
      "conv", torch::nn::Conv2d(torch::nn::Conv2dOptions(shape.width, shape.width, 3).padding(1)));
}

at::Tensor SwinLayerImpl::forward(const at::Tensor& tokens) {
  at::Tensor x = tokens;
  for (SwinBlock& block : blocks) x = block(x);
  return tokens_of(at::relu(conv_(map_of(x, shape_.side))));
}

ScaledSwinImpl::ScaledSwinImpl(const SwinShape& shape, const ScaledSwinOptions& options)
    : shape_(shape), scale_(options.scale), dropout_(options.dropout) {
  torch::nn::ModuleList list;
  for (std::size_t layer = 0; layer < kLayers; ++layer) {
    std::vector<double> rates;
    for (std::size_t block = 0; block < kBlocks; ++block) {
      constexpr std::size_t kLast = kLayers * kBlocks - 1;
      rates.push_back(options.drop_path * static_cast<double>(layer * kBlocks + block) / kLast);
    }
    list->push_back(layers.emplace_back(shape, rates));
  }
  register_module("layers", list);
  register_module("downsample",
                  torch::nn::Conv2d(
                      torch::nn::Conv2dOptions(shape.width, shape.width, 3).stride(2).padding(1)));
}

at::Tensor ScaledSwinImpl::forward(const at::Tensor& maps) {
  at::Tensor tokens = tokens_of(row_dropout(maps, dropout_, is_training()));
  for (SwinLayer& layer : layers) tokens = scale_ * layer(tokens) + tokens;
  return map_of(tokens, shape_.side);
}

}  // namespace robiq
