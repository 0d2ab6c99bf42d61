#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "robiq/net/transformers/transformer.h"

namespace robiq {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// Attention scores of one tile: with their softmax they fit the cache of a core.
constexpr std::int64_t kTileNumbers = 96 * 1024;

/// [G,N,3*heads*D] -> queries, keys and values, [G,heads,N,D] each, without a copy.
std::array<at::Tensor, 3> split_heads(const at::Tensor& qkv, std::int64_t heads) {
  const std::int64_t depth = qkv.size(2) / (3 * heads);
  const auto parts =
      qkv.view({qkv.size(0), qkv.size(1), 3, heads, depth}).permute({2, 0, 3, 1, 4}).unbind(0);
  return {parts[0], parts[1], parts[2]};
}

/// Calls `work` with (queries, keys, values) of one head of one group, [N,D] each.
template <class Work>
void over_heads(const at::Tensor& qkv, std::int64_t heads, const Work& work) {
  const auto [queries, keys, values] = split_heads(qkv, heads);
  for (std::int64_t group = 0; group < qkv.size(0); ++group) {
    for (std::int64_t head = 0; head < heads; ++head) {
      work(group, head, queries[group][head], keys[group][head], values[group][head]);
    }
  }
}

/// The tiles of queries, one after the other, in buffers that all of them share.
class Tiles {
 public:
  Tiles(const at::Tensor& like, std::int64_t tokens, std::int64_t depth)
      : tokens_(tokens),
        rows_(std::clamp<std::int64_t>(kTileNumbers / tokens, 1, tokens)),
        scale_(1 / std::sqrt(static_cast<double>(depth))),
        scores_(at::empty({rows_, tokens}, like.options())),
        weights_(at::empty_like(scores_)) {}

  [[nodiscard]] double scale() const { return scale_; }

  /// Calls `work(begin, rows, weights)` for every tile; weights are the softmax of its scores,
  /// [rows,N].
  template <class Work>
  void over(const at::Tensor& queries, const at::Tensor& keys, const Work& work) {
    for (std::int64_t begin = 0; begin < tokens_; begin += rows_) {
      const std::int64_t rows = std::min(rows_, tokens_ - begin);
      at::Tensor scores = scores_.narrow(0, 0, rows), weights = weights_.narrow(0, 0, rows);
      at::mm_out(scores, queries.narrow(0, begin, rows), keys.t());
      scores.mul_(scale_);
      at::_softmax_out(weights, scores, 1, false);
      work(begin, rows, weights);
    }
  }

  /// Room for numbers of one tile's size; overwrites its scores.
  [[nodiscard]] at::Tensor room(std::int64_t rows) const { return scores_.narrow(0, 0, rows); }

 private:
  std::int64_t tokens_, rows_;
  double scale_;
  at::Tensor scores_, weights_;
};

at::Tensor attended(const at::Tensor& qkv, std::int64_t heads) {
  const std::int64_t tokens = qkv.size(1), depth = qkv.size(2) / (3 * heads);
  at::Tensor out = at::empty({qkv.size(0), tokens, heads, depth}, qkv.options());
  Tiles tiles(qkv, tokens, depth);
  over_heads(qkv, heads,
             [&](std::int64_t group, std::int64_t head, const at::Tensor& queries,
                 const at::Tensor& keys, const at::Tensor& values) {
               const at::Tensor place = out[group].select(1, head);
               tiles.over(queries, keys,
                          [&](std::int64_t begin, std::int64_t rows, const at::Tensor& weights) {
                            at::Tensor part = place.narrow(0, begin, rows);
                            at::mm_out(part, weights, values);
                          });
             });
  return out.flatten(2);
}

/// The gradient by qkv. \param slopes  by the output, [G,N,heads*D]
at::Tensor slopes_of_qkv(const at::Tensor& qkv, const at::Tensor& slopes, std::int64_t heads) {
  const std::int64_t tokens = qkv.size(1), depth = qkv.size(2) / (3 * heads);
  const at::Tensor by_head = slopes.reshape({qkv.size(0), tokens, heads, depth});
  const at::Tensor result = at::zeros_like(qkv);
  const auto [by_queries, by_keys, by_values] = split_heads(result, heads);
  Tiles tiles(qkv, tokens, depth);
  over_heads(
      qkv, heads,
      [&, dq = by_queries, dk = by_keys, dv = by_values](
          std::int64_t group, std::int64_t head, const at::Tensor& queries, const at::Tensor& keys,
          const at::Tensor& values) {
        const at::Tensor slope = by_head[group].select(1, head).contiguous();
        at::Tensor key_slope = at::zeros({tokens, depth}, qkv.options());
        at::Tensor value_slope = at::zeros_like(key_slope);
        tiles.over(
            queries, keys, [&](std::int64_t begin, std::int64_t rows, const at::Tensor& weights) {
              const at::Tensor part = slope.narrow(0, begin, rows);
              value_slope.addmm_(weights.t(), part);
              at::Tensor by_weights = tiles.room(rows);
              at::mm_out(by_weights, part, values.t());
              const at::Tensor by_scores =
                  at::_softmax_backward_data(by_weights, weights, 1, qkv.scalar_type());
              dq[group][head]
                  .narrow(0, begin, rows)
                  .copy_(at::mm(by_scores, keys).mul_(tiles.scale()));
              key_slope.addmm_(by_scores.t(), queries.narrow(0, begin, rows), 1, tiles.scale());
            });
        dk[group][head].copy_(key_slope);
        dv[group][head].copy_(value_slope);
      });
  return result;
}

/// The same sums with whole score matrices, in operations that autograd differentiates twice.
at::Tensor attended_at_once(const at::Tensor& qkv, std::int64_t heads) {
  const auto [queries, keys, values] = split_heads(qkv, heads);
  const double scale = 1 / std::sqrt(static_cast<double>(queries.size(3)));
  const at::Tensor weights = at::softmax(at::matmul(queries * scale, keys.transpose(2, 3)), 3);
  return at::matmul(weights, values).transpose(1, 2).flatten(2);
}

class TiledAttention : public torch::autograd::Function<TiledAttention> {
 public:
  static Variable forward(AutogradContext* context, const Variable& qkv, std::int64_t heads) {
    context->save_for_backward({qkv});
    context->saved_data["heads"] = heads;
    return attended(qkv, heads);
  }

  static variable_list backward(AutogradContext* context, variable_list slopes) {
    const at::Tensor qkv = context->get_saved_variables()[0];
    const std::int64_t heads = context->saved_data["heads"].toInt();
    if (!at::GradMode::is_enabled()) return {slopes_of_qkv(qkv, slopes[0], heads), Variable()};
    const at::Tensor out = attended_at_once(qkv, heads);
    return {torch::autograd::grad({out}, {qkv}, {slopes[0]}, true, /*create_graph=*/true)[0],
            Variable()};
  }
};

}  // namespace

bool tiles_pay(const at::Tensor& qkv) {
  constexpr std::int64_t kLeastTokens = 256;
  const bool known = qkv.scalar_type() == at::kFloat || qkv.scalar_type() == at::kDouble;
  return qkv.is_cpu() && known && qkv.size(1) >= kLeastTokens;
}

at::Tensor tiled_attention(const at::Tensor& qkv, std::int64_t heads) {
  return TiledAttention::apply(qkv.contiguous(), heads);
}

}  // namespace robiq
