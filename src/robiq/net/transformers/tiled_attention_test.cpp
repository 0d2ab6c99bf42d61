#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "robiq/net/transformers/transformer.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace tiled_attention_test {

using torch::autograd::grad;

constexpr std::int64_t kHeads = 2, kDepth = 8;

/// The definition, head by head.
at::Tensor by_definition(const at::Tensor& qkv) {
  const auto parts = qkv.view({qkv.size(0), qkv.size(1), 3, kHeads, kDepth}).unbind(2);
  std::vector<at::Tensor> heads;
  for (std::int64_t head = 0; head < kHeads; ++head) {
    const at::Tensor q = parts[0].select(2, head), k = parts[1].select(2, head);
    const at::Tensor scores = at::bmm(q, k.transpose(1, 2)) / std::sqrt(1.0 * kDepth);
    heads.push_back(at::bmm(at::softmax(scores, 2), parts[2].select(2, head)));
  }
  return at::cat(heads, 2);
}

at::Tensor tokens(std::int64_t count) {
  seed_torch_globals(Rng(5));
  return at::randn({2, count, 3 * kHeads * kDepth}, at::kDouble).requires_grad_(true);
}

/// The last tile is not full: 96 * 1024 numbers are 264 rows of 371.
TEST(TiledAttention, GivesTheDefinitionsValuesAndSlopes) {
  const at::Tensor qkv = tokens(371);
  ASSERT_TRUE(tiles_pay(qkv));
  const at::Tensor tiled = tiled_attention(qkv, kHeads), plain = by_definition(qkv);
  EXPECT_LT((tiled - plain).abs().max().item<double>(), 1e-12);
  const at::Tensor weight = at::randn_like(plain);
  const at::Tensor got = grad({(tiled * weight).sum()}, {qkv})[0];
  const at::Tensor wanted = grad({(plain * weight).sum()}, {qkv})[0];
  EXPECT_LT((got - wanted).abs().max().item<double>(), 1e-12);
}

TEST(TiledAttention, IsDifferentiatedTwice) {
  const at::Tensor qkv = tokens(300);
  const auto second = [&](const at::Tensor& out) {
    const at::Tensor first = grad({out.square().sum()}, {qkv}, {}, true, true)[0];
    return grad({first.square().sum()}, {qkv})[0];
  };
  const at::Tensor got = second(tiled_attention(qkv, kHeads)), wanted = second(by_definition(qkv));
  EXPECT_LT((got - wanted).abs().max().item<double>(), 1e-10 * wanted.abs().max().item<double>());
}

TEST(TiledAttention, IsWhatManyTokensTake) {
  const at::Tensor qkv = tokens(300).detach().to(at::kFloat);
  EXPECT_TRUE(at::equal(multi_head_attention(qkv, kHeads), tiled_attention(qkv, kHeads)));
  EXPECT_FALSE(tiles_pay(qkv.narrow(1, 0, 64)));
}

TEST(TiledAttention, ARowDependsOnItsOwnGroupOnly) {
  const at::Tensor qkv = tokens(300).detach().to(at::kFloat);
  const at::Tensor both = tiled_attention(qkv, kHeads);
  EXPECT_TRUE(at::equal(both.narrow(0, 1, 1), tiled_attention(qkv.narrow(0, 1, 1), kHeads)));
}

}  // namespace tiled_attention_test
}  // namespace robiq
