#include "robiq/net/transformers/transformer.h"

#include <ATen/ATen.h>

#include <cmath>

namespace robiq {

at::Tensor multi_head_attention(const at::Tensor& qkv, std::int64_t heads,
                                const at::Tensor& scores) {
  if (!scores.defined() && tiles_pay(qkv)) return tiled_attention(qkv, heads);
  const std::int64_t groups = qkv.size(0), tokens = qkv.size(1);
  const std::int64_t depth = qkv.size(2) / (3 * heads);
  const auto split = qkv.view({groups, tokens, 3, heads, depth}).permute({2, 0, 3, 1, 4}).unbind(0);
  const at::Tensor queries = split[0] * (1 / std::sqrt(static_cast<double>(depth)));
  at::Tensor weights = at::matmul(queries, split[1].transpose(2, 3));
  if (scores.defined()) {
    const std::int64_t kinds = scores.size(0);
    weights = weights.view({groups / kinds, kinds, heads, tokens, tokens}) + scores;
    weights = weights.view({groups, heads, tokens, tokens});
  }
  return at::matmul(at::softmax(weights, 3), split[2]).transpose(1, 2).flatten(2);
}

MlpImpl::MlpImpl(std::int64_t width, std::int64_t hidden)
    : fc1_(register_module("fc1", torch::nn::Linear(width, hidden))),
      fc2_(register_module("fc2", torch::nn::Linear(hidden, width))) {}

at::Tensor MlpImpl::forward(const at::Tensor& x) { return fc2_(at::gelu(fc1_(x))); }

}  // namespace robiq
