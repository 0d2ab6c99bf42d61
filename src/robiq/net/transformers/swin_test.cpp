#include "robiq/net/transformers/swin.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "robiq/tensor/random.h"
#include "support/net_state.h"

namespace robiq {
namespace swin_test {

constexpr SwinShape kSmall{.width = 8, .side = 8, .heads = 2, .window = 4, .mlp_width = 12};

/// Attention of one group and one head, entry by entry.
at::Tensor plain_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                           const at::Tensor& added) {
  const std::int64_t tokens = q.size(0);
  at::Tensor out = at::zeros_like(v);
  for (std::int64_t i = 0; i < tokens; ++i) {
    at::Tensor row = at::empty({tokens}, v.options());
    for (std::int64_t j = 0; j < tokens; ++j) {
      row[j] = (q[i] * k[j]).sum() / std::sqrt(static_cast<double>(q.size(1))) + added[i][j];
    }
    out[i] = at::matmul(at::softmax(row, 0), v);
  }
  return out;
}

TEST(MultiHeadAttention, IsTheDefinitionForEveryGroupAndHead) {
  constexpr std::int64_t kGroups = 4, kTokens = 5, kHeads = 2, kDepth = 3, kKinds = 2;
  seed_torch_globals(Rng(3));
  const at::Tensor qkv = at::randn({kGroups, kTokens, 3 * kHeads * kDepth}, at::kDouble);
  const at::Tensor scores = at::randn({kKinds, kHeads, kTokens, kTokens}, at::kDouble);
  const at::Tensor got = multi_head_attention(qkv, kHeads, scores);
  const at::Tensor bare = multi_head_attention(qkv, kHeads);
  ASSERT_EQ(got.sizes(), at::IntArrayRef({kGroups, kTokens, kHeads * kDepth}));
  for (std::int64_t g = 0; g < kGroups; ++g) {
    for (std::int64_t h = 0; h < kHeads; ++h) {
      const auto part = [&](std::int64_t which) {
        return qkv[g].narrow(1, (which * kHeads + h) * kDepth, kDepth);
      };
      const auto mine = [&](const at::Tensor& all) { return all[g].narrow(1, h * kDepth, kDepth); };
      const at::Tensor added = scores[g % kKinds][h];
      EXPECT_TRUE(at::allclose(mine(got), plain_attention(part(0), part(1), part(2), added)));
      EXPECT_TRUE(at::allclose(mine(bare),
                               plain_attention(part(0), part(1), part(2), at::zeros_like(added))));
    }
  }
}

/// Which tokens of the map a token's output depends on after one block: [side*side] 0 or 1.
at::Tensor reach(SwinBlock& block, std::int64_t token) {
  const at::NoGradGuard no_grad;
  const at::Tensor tokens = at::randn({1, kSmall.side * kSmall.side, kSmall.width});
  const at::Tensor before = block(tokens)[0][token];
  at::Tensor touched = at::zeros({kSmall.side * kSmall.side});
  for (std::int64_t j = 0; j < touched.numel(); ++j) {
    at::Tensor changed = tokens.clone();
    changed[0][j] += at::randn({kSmall.width});
    touched[j] = at::equal(block(changed)[0][token], before) ? 0 : 1;
  }
  return touched.view({kSmall.side, kSmall.side});
}

TEST(SwinBlock, TokensSeeTheirWindow) {
  seed_torch_globals(Rng(4));
  SwinBlock plain(kSmall, false, 0.0);
  at::Tensor wanted = at::zeros({8, 8});
  wanted.narrow(0, 4, 4).narrow(1, 0, 4).fill_(1);
  EXPECT_TRUE(at::equal(reach(plain, 5 * 8 + 3), wanted));
}

TEST(SwinBlock, ShiftedWindowsBeginHalfAWindowLaterAndDoNotWrap) {
  seed_torch_globals(Rng(4));
  SwinBlock shifted(kSmall, true, 0.0);
  at::Tensor middle = at::zeros({8, 8});
  middle.narrow(0, 2, 4).narrow(1, 2, 4).fill_(1);
  EXPECT_TRUE(at::equal(reach(shifted, 5 * 8 + 3), middle));
  at::Tensor corner = at::zeros({8, 8});
  corner.narrow(0, 0, 2).narrow(1, 6, 2).fill_(1);
  EXPECT_TRUE(at::equal(reach(shifted, 1 * 8 + 7), corner));
}

TEST(SwinBlock, TheBiasOfAPairDependsOnItsOffset) {
  const WindowAttention attention(kSmall);
  const at::Tensor index = test::state_of(*attention).at("relative_position_index");
  ASSERT_EQ(index.sizes(), at::IntArrayRef({16, 16}));
  for (std::int64_t i = 0; i < 16; ++i) {
    for (std::int64_t j = 0; j < 16; ++j) {
      const std::int64_t dy = i / 4 - j / 4, dx = i % 4 - j % 4;
      EXPECT_EQ(index[i][j].item<std::int64_t>(), (dy + 3) * 7 + dx + 3);
    }
  }
}

TEST(DropPath, DropsWholeSamplesAndKeepsTheMean) {
  seed_torch_globals(Rng(5));
  const at::Tensor ones = at::ones({4000, 3, 2});
  const at::Tensor dropped = drop_path(ones, 0.25, true);
  const at::Tensor first = dropped.select(1, 0).select(1, 0);
  EXPECT_TRUE(at::equal(dropped, first.view({-1, 1, 1}).expand({-1, 3, 2})));
  EXPECT_TRUE(at::logical_or(first.eq(0), (first - 4.0 / 3).abs().lt(1e-6)).all().item<bool>());
  EXPECT_NEAR(first.mean().item<double>(), 1, 0.04);
  EXPECT_TRUE(at::equal(drop_path(ones, 0.25, false), ones));
  EXPECT_TRUE(at::equal(drop_path(ones, 0, true), ones));
}

TEST(ScaledSwin, RatesOfDropPathGrowFromNothing) {
  seed_torch_globals(Rng(6));
  // Where the last block is nearly always skipped, the first never is.
  const ScaledSwinOptions options{.scale = 1, .dropout = 0, .drop_path = 0.9};
  ScaledSwin net(kSmall, options);
  net->train();
  const at::NoGradGuard no_grad;
  const at::Tensor tokens = at::randn({50, 64, 8});
  const auto skipped = [&](std::size_t layer, std::size_t block) {
    const at::Tensor moved = net->layers[layer]->blocks[block](tokens) - tokens;
    return moved.abs().amax({1, 2}).eq(0).sum().item<std::int64_t>();
  };
  EXPECT_EQ(skipped(0, 0), 0);
  EXPECT_LT(skipped(0, 1), skipped(1, 1));
  EXPECT_GT(skipped(1, 1), 30);  // 0.81 of 50 lose both branches
}

TEST(ScaledSwin, AddsItsLayersScaled) {
  seed_torch_globals(Rng(7));
  ScaledSwin whole(kSmall, ScaledSwinOptions{.scale = 0.3});
  whole->eval();
  const at::NoGradGuard no_grad;
  const at::Tensor maps = at::randn({2, 8, 8, 8});
  at::Tensor tokens = maps.flatten(2).transpose(1, 2).contiguous();
  for (SwinLayer& layer : whole->layers) tokens = tokens + 0.3 * layer(tokens);
  EXPECT_TRUE(at::allclose(whole(maps).flatten(2), tokens.transpose(1, 2), 1e-4, 1e-5));
}

}  // namespace swin_test
}  // namespace robiq
