#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>

#include "robiq/net/transformers/vit.h"
#include "support/errors.h"

namespace robiq {
namespace vit_jax_test {

constexpr std::int64_t kWidth = 6, kHeads = 3, kDepth = 2, kHidden = 5, kPatch = 2, kTokens = 5,
                       kClasses = 4;

/// Every array of a small ViT; each number names its place, so no two are equal.
TensorMap jax_arrays(const std::string& prefix = "") {
  TensorMap arrays;
  double start = 0;
  const auto add = [&](const std::string& name, at::IntArrayRef shape) {
    std::int64_t count = 1;
    for (const std::int64_t side : shape) count *= side;
    arrays.emplace(prefix + name, (at::arange(count, at::kDouble) + start).reshape(shape));
    start += static_cast<double>(count);
  };
  add("embedding/kernel", {kPatch, kPatch, 3, kWidth});
  add("embedding/bias", {kWidth});
  add("cls", {1, 1, kWidth});
  add("Transformer/posembed_input/pos_embedding", {1, kTokens, kWidth});
  for (int i = 0; i < kDepth; ++i) {
    const std::string block = "Transformer/encoderblock_" + std::to_string(i) + "/";
    for (const char* norm : {"LayerNorm_0", "LayerNorm_2"}) {
      add(block + norm + "/scale", {kWidth});
      add(block + norm + "/bias", {kWidth});
    }
    const std::string attention = block + "MultiHeadDotProductAttention_1/";
    for (const char* part : {"query", "key", "value"}) {
      add(attention + part + "/kernel", {kWidth, kHeads, kWidth / kHeads});
      add(attention + part + "/bias", {kHeads, kWidth / kHeads});
    }
    add(attention + "out/kernel", {kHeads, kWidth / kHeads, kWidth});
    add(attention + "out/bias", {kWidth});
    add(block + "MlpBlock_3/Dense_0/kernel", {kWidth, kHidden});
    add(block + "MlpBlock_3/Dense_0/bias", {kHidden});
    add(block + "MlpBlock_3/Dense_1/kernel", {kHidden, kWidth});
    add(block + "MlpBlock_3/Dense_1/bias", {kWidth});
  }
  add("Transformer/encoder_norm/scale", {kWidth});
  add("Transformer/encoder_norm/bias", {kWidth});
  add("head/kernel", {kWidth, kClasses});
  add("head/bias", {kClasses});
  return arrays;
}

double entry(const TensorMap& tensors, const std::string& name,
             const std::vector<std::int64_t>& at) {
  at::Tensor tensor = tensors.at(name);
  for (const std::int64_t index : at) tensor = tensor[index];
  return tensor.item<double>();
}

/// Of which array an entry of a converted tensor must come, and from which place in it.
using Source = std::function<std::pair<std::string, std::vector<std::int64_t>>(
    const std::vector<std::int64_t>&)>;

/// Compares every entry of a converted tensor of up to four dimensions with its source.
void expect_from(const TensorMap& arrays, const TensorMap& converted, const std::string& name,
                 const std::vector<std::int64_t>& shape, const Source& source) {
  ASSERT_TRUE(converted.contains(name)) << name;
  ASSERT_EQ(converted.at(name).sizes(), at::IntArrayRef(shape)) << name;
  EXPECT_TRUE(converted.at(name).is_contiguous()) << name;
  std::int64_t count = converted.at(name).numel();
  for (std::int64_t flat = 0; flat < count; ++flat) {
    std::vector<std::int64_t> index(shape.size());
    std::int64_t rest = flat;
    for (std::size_t d = shape.size(); d-- > 0;) {
      index[d] = rest % shape[d];
      rest /= shape[d];
    }
    const auto [array, place] = source(index);
    ASSERT_EQ(entry(converted, name, index), entry(arrays, array, place)) << name << " " << flat;
  }
}

using Index = std::vector<std::int64_t>;

Source same(const std::string& array) {
  return [array](const Index& i) { return std::pair(array, i); };
}
Source transposed(const std::string& array) {
  return [array](const Index& i) { return std::pair(array, Index{i[1], i[0]}); };
}

void expect_block(const TensorMap& arrays, const TensorMap& converted, int number) {
  const std::string from = "Transformer/encoderblock_" + std::to_string(number) + "/";
  const std::string to = "blocks." + std::to_string(number) + ".";
  const auto expect = [&](const std::string& name, const Index& shape, const Source& source) {
    expect_from(arrays, converted, to + name, shape, source);
  };
  expect("norm1.weight", {kWidth}, same(from + "LayerNorm_0/scale"));
  expect("norm1.bias", {kWidth}, same(from + "LayerNorm_0/bias"));
  expect("norm2.weight", {kWidth}, same(from + "LayerNorm_2/scale"));
  expect("norm2.bias", {kWidth}, same(from + "LayerNorm_2/bias"));
  const std::string attention = from + "MultiHeadDotProductAttention_1/";
  const std::string parts[] = {"query", "key", "value"};
  constexpr std::int64_t kDepthOfHead = kWidth / kHeads;
  // Row r of qkv: part r / width, head and channel of r % width.
  const auto part = [&](std::int64_t r) { return attention + parts[r / kWidth]; };
  const auto head = [](std::int64_t r) { return (r % kWidth) / kDepthOfHead; };
  const auto channel = [](std::int64_t r) { return r % kDepthOfHead; };
  expect("attn.qkv.weight", {3 * kWidth, kWidth}, [&](const Index& i) {
    return std::pair(part(i[0]) + "/kernel", Index{i[1], head(i[0]), channel(i[0])});
  });
  expect("attn.qkv.bias", {3 * kWidth}, [&](const Index& i) {
    return std::pair(part(i[0]) + "/bias", Index{head(i[0]), channel(i[0])});
  });
  expect("attn.proj.weight", {kWidth, kWidth}, [&](const Index& i) {
    return std::pair(attention + "out/kernel", Index{head(i[1]), channel(i[1]), i[0]});
  });
  expect("attn.proj.bias", {kWidth}, same(attention + "out/bias"));
  expect("mlp.fc1.weight", {kHidden, kWidth}, transposed(from + "MlpBlock_3/Dense_0/kernel"));
  expect("mlp.fc1.bias", {kHidden}, same(from + "MlpBlock_3/Dense_0/bias"));
  expect("mlp.fc2.weight", {kWidth, kHidden}, transposed(from + "MlpBlock_3/Dense_1/kernel"));
  expect("mlp.fc2.bias", {kWidth}, same(from + "MlpBlock_3/Dense_1/bias"));
}

TEST(VitFromJax, PutsEveryArrayWhereTimmHasIt) {
  const TensorMap arrays = jax_arrays(), converted = vit_from_jax(arrays);
  const auto expect = [&](const std::string& name, const Index& shape, const Source& source) {
    expect_from(arrays, converted, name, shape, source);
  };
  expect("patch_embed.proj.weight", {kWidth, 3, kPatch, kPatch}, [](const Index& i) {
    return std::pair(std::string("embedding/kernel"), Index{i[2], i[3], i[1], i[0]});
  });
  expect("patch_embed.proj.bias", {kWidth}, same("embedding/bias"));
  expect("cls_token", {1, 1, kWidth}, same("cls"));
  expect("pos_embed", {1, kTokens, kWidth}, same("Transformer/posembed_input/pos_embedding"));
  for (int i = 0; i < kDepth; ++i) expect_block(arrays, converted, i);
  expect("norm.weight", {kWidth}, same("Transformer/encoder_norm/scale"));
  expect("norm.bias", {kWidth}, same("Transformer/encoder_norm/bias"));
  expect("head.weight", {kClasses, kWidth}, transposed("head/kernel"));
  expect("head.bias", {kClasses}, same("head/bias"));
  EXPECT_EQ(converted.size(), static_cast<std::size_t>(8 + 12 * kDepth));
}

TEST(VitFromJax, ThePrefixOfTrainingStatesIsTakenOffAndTheOptimiserLeftOut) {
  TensorMap arrays = jax_arrays("opt/target/");
  arrays.emplace("opt/state/step", at::zeros({}));
  const TensorMap plain = vit_from_jax(jax_arrays()), prefixed = vit_from_jax(arrays);
  ASSERT_EQ(plain.size(), prefixed.size());
  for (const auto& [name, tensor] : plain)
    EXPECT_TRUE(at::equal(tensor, prefixed.at(name))) << name;
}

TEST(VitFromJax, IsToldFromTimmsNames) {
  EXPECT_TRUE(is_vit_of_jax(jax_arrays()));
  EXPECT_TRUE(is_vit_of_jax(jax_arrays("opt/target/")));
  EXPECT_FALSE(is_vit_of_jax(vit_from_jax(jax_arrays())));
}

TEST(VitFromJax, ArraysOfOtherThingsKeepTheirNames) {
  TensorMap arrays = jax_arrays();
  arrays.emplace("pre_logits/bias", at::ones({2}));
  EXPECT_TRUE(vit_from_jax(arrays).contains("pre_logits/bias"));
}

TEST(VitFromJax, MissingAndMisshapenArraysAreNamed) {
  for (const auto& [name, array] : jax_arrays()) {
    TensorMap lacking = jax_arrays();
    lacking.erase(name);
    // Without its first norm a block is not seen: its other arrays are then left over.
    if (name == "Transformer/encoderblock_1/LayerNorm_0/scale") {
      EXPECT_TRUE(vit_from_jax(lacking).contains("Transformer/encoderblock_1/LayerNorm_0/bias"));
      continue;
    }
    expect_error(ErrorKind::kModel, {"'" + name + "' is missing", "JAX", "ViT"},
                 [&] { static_cast<void>(vit_from_jax(lacking)); });
  }
  TensorMap flat = jax_arrays();
  flat["embedding/kernel"] = at::zeros({4, 4});
  expect_error(ErrorKind::kModel,
               {"'embedding/kernel' is [4, 4], wanted 4 dimensions", "JAX", "ViT"},
               [&] { static_cast<void>(vit_from_jax(flat)); });
}

}  // namespace vit_jax_test
}  // namespace robiq
