#include "robiq/net/maniqa_net.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "robiq/tensor/random.h"
#include "support/model_golden.h"
#include "support/net_state.h"

namespace robiq {
namespace maniqa_net_test {

using Activations = std::map<std::string, at::Tensor>;

/// Every activation that the fixture describes, computed part by part.
Activations activations_of(ManiqaNet& net, const at::Tensor& images) {
  Activations seen;
  const std::int64_t n = images.size(0);
  seen["vit.patch_embed"] = net.vit->patch_embed(images);
  const std::vector<at::Tensor> blocks = net.vit->block_outputs(images, 0, 9);
  for (const int i : {0, 6, 7, 8, 9}) {
    seen["vit.blocks." + std::to_string(i)] = blocks[static_cast<std::size_t>(i)];
  }
  const at::Tensor taps = at::cat({blocks[6], blocks[7], blocks[8], blocks[9]}, 2);
  at::Tensor x = seen["vit_concat_6789_as_b_c_n"] = taps.narrow(1, 1, 784).transpose(1, 2);
  x = seen["tablock1.0"] = net.tablock1[0](x);
  x = seen["tablock1.1"] = net.tablock1[1](x);
  x = seen["conv1"] = net.conv1(x.view({n, 3072, 28, 28}));
  SwinLayer& layer = net.swintransformer1->layers[0];
  const at::Tensor first = layer->blocks[0](x.flatten(2).transpose(1, 2).contiguous());
  seen["swintransformer1.layers.0.blocks.0"] = first;
  seen["swintransformer1.layers.0.blocks.1(shifted)"] = layer->blocks[1](first);
  x = seen["swintransformer1"] = net.swintransformer1(x);
  x = seen["tablock2.1"] = net.tablock2[1](net.tablock2[0](x.flatten(2)));
  x = seen["conv2"] = net.conv2(x.view({n, 768, 28, 28}));
  x = seen["swintransformer2"] = net.swintransformer2(x);
  const at::Tensor tokens = x.flatten(2).transpose(1, 2);
  seen["fc_score_per_patch"] = at::relu(net.fc_score(tokens));
  seen["fc_weight_per_patch"] = at::sigmoid(net.fc_weight(tokens));
  return seen;
}

class ManiqaNetGolden : public testing::TestWithParam<golden::Precision> {};

TEST_P(ManiqaNetGolden, EveryActivationIsTheAuthors) {
  const at::NoGradGuard no_grad;
  const golden::Golden golden("maniqa");
  ManiqaNet net({});
  net.eval();
  golden::fill(golden, test::state_of(net));
  test::convert(net, golden::scalar_type(GetParam()));
  const double relative = golden.tolerance(GetParam()).activation;
  const golden::Json& cases = golden.json.at("cases");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const golden::Json& wanted = golden::wanted(cases[i]).at("activations");
    const at::Tensor images =
        golden::pictures({cases[i].at("input").at("image")}, 224, 224, GetParam());
    const Activations seen = activations_of(net, (images - 0.5) / 0.5);
    EXPECT_EQ(seen.size(), wanted.size());
    for (const auto& [name, statistics] : wanted.items()) {
      ASSERT_TRUE(seen.contains(name)) << name;
      const bool per_patch = name.ends_with("per_patch");
      golden::expect_statistics(per_patch ? seen.at(name)[0] : seen.at(name), statistics, relative,
                                name);
    }
    if (GetParam() == golden::Precision::kFloat) break;  // one is enough to compare loosely
  }
}

INSTANTIATE_TEST_SUITE_P(Precision, ManiqaNetGolden,
                         testing::Values(golden::Precision::kDouble, golden::Precision::kFloat),
                         [](const auto& precision) {
                           return precision.param == golden::Precision::kDouble ? "Float64"
                                                                                : "Float32";
                         });

/// The definition, with the authors' reading of the attended map.
at::Tensor plain_attention(const TensorMap& w, const at::Tensor& x) {
  const auto linear = [&](const std::string& name) {
    return at::linear(x, w.at(name + ".weight"), w.at(name + ".bias"));
  };
  const auto positions = static_cast<double>(x.size(2));
  const at::Tensor weights = at::softmax(
      at::matmul(linear("c_q"), linear("c_k").transpose(1, 2)) * std::pow(positions, -0.5), 2);
  const at::Tensor attended = at::matmul(weights, linear("c_v"));
  at::Tensor read = at::empty_like(x);
  for (std::int64_t n = 0; n < x.size(0); ++n) {
    for (std::int64_t c = 0; c < x.size(1); ++c) {
      for (std::int64_t t = 0; t < x.size(2); ++t) {
        const std::int64_t place = t * x.size(1) + c;
        read[n][place / x.size(2)][place % x.size(2)] = attended[n][c][t];
      }
    }
  }
  return read + x;
}

TEST(TransposedAttention, IsItsDefinitionWithAndWithoutAGraph) {
  seed_torch_globals(Rng(8));
  TransposedAttention block(6, 0.1);
  block->eval();
  block->to(at::kDouble);
  const at::Tensor x = at::randn({3, 4, 6}, at::kDouble);
  const at::NoGradGuard no_grad;
  const at::Tensor wanted = plain_attention(test::state_of(*block), x);
  EXPECT_TRUE(at::allclose(block(x), wanted));
  const at::AutoGradMode gradients(true);
  EXPECT_TRUE(at::allclose(block(x), wanted));
  EXPECT_TRUE(at::allclose(block(x.transpose(1, 2).contiguous().transpose(1, 2)), wanted));
}

TEST(TransposedAttention, DropsUnitsOnlyInTraining) {
  seed_torch_globals(Rng(8));
  TransposedAttention block(6, 0.5);
  const at::Tensor x = at::randn({3, 4, 6});
  EXPECT_FALSE(at::equal(block(x), block(x)));
  block->eval();
  EXPECT_TRUE(at::equal(block(x), block(x)));
}

}  // namespace maniqa_net_test
}  // namespace robiq
