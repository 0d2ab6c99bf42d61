#include "robiq/net/transformers/vit.h"

#include <ATen/ATen.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/container/modulelist.h>

#include <sstream>

#include "robiq/core/error.h"

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

namespace {

constexpr const char* kPrefix = "opt/target/";
constexpr const char* kPatches = "embedding/kernel";
constexpr const char* kWhere = "the JAX weights of a vision transformer";

/// The arrays by their names without the prefix.
TensorMap without_prefix(const TensorMap& arrays) {
  const std::string prefix = kPrefix;
  if (!arrays.contains(prefix + kPatches)) return arrays;
  TensorMap inner;
  for (const auto& [name, array] : arrays) {
    if (name.starts_with(prefix)) inner.emplace(name.substr(prefix.size()), array);
  }
  return inner;
}

/// Moves arrays, one by one, to where timm has them.
class Conversion {
 public:
  explicit Conversion(TensorMap arrays) : arrays_(std::move(arrays)) {}

  [[nodiscard]] bool has(const std::string& name) const { return arrays_.contains(name); }

  /// Takes an array out. \throws Error{kModel} unless it is there and has so many dimensions.
  at::Tensor take(const std::string& name, std::int64_t dimensions) {
    const auto it = arrays_.find(name);
    if (it == arrays_.end()) {
      throw Error(ErrorKind::kModel, {"the array '" + name + "' is missing", kWhere,
                                      "give the .npz of a ViT, or timm's weights"});
    }
    at::Tensor array = it->second;
    if (array.dim() != dimensions) {
      std::ostringstream what;
      what << "the array '" << name << "' is " << array.sizes() << ", wanted " << dimensions
           << " dimensions";
      throw Error(ErrorKind::kModel,
                  {what.str(), kWhere, "give the .npz of a ViT, or timm's weights"});
    }
    arrays_.erase(it);
    return array;
  }

  void put(const std::string& name, const at::Tensor& tensor) {
    converted_.emplace(name, tensor.contiguous());
  }

  void layer_norm(const std::string& from, const std::string& to) {
    put(to + ".weight", take(from + "/scale", 1));
    put(to + ".bias", take(from + "/bias", 1));
  }

  void dense(const std::string& from, const std::string& to) {
    put(to + ".weight", take(from + "/kernel", 2).t());
    put(to + ".bias", take(from + "/bias", 1));
  }

  void attention(const std::string& from, const std::string& to) {
    std::vector<at::Tensor> weights, biases;
    for (const char* part : {"/query", "/key", "/value"}) {
      weights.push_back(take(from + part + "/kernel", 3).flatten(1).t());
      biases.push_back(take(from + part + "/bias", 2).flatten());
    }
    put(to + ".qkv.weight", at::cat(weights));
    put(to + ".qkv.bias", at::cat(biases));
    put(to + ".proj.weight", take(from + "/out/kernel", 3).flatten(0, 1).t());
    put(to + ".proj.bias", take(from + "/out/bias", 1));
  }

  /// What has been put, and what is left under its own name.
  TensorMap finish() {
    converted_.merge(arrays_);
    return std::move(converted_);
  }

 private:
  TensorMap arrays_, converted_;
};

}  // namespace

bool is_vit_of_jax(const TensorMap& arrays) {
  return arrays.contains(kPatches) || arrays.contains(std::string(kPrefix) + kPatches);
}

TensorMap vit_from_jax(const TensorMap& arrays) {
  Conversion conversion(without_prefix(arrays));
  conversion.put("patch_embed.proj.weight", conversion.take(kPatches, 4).permute({3, 2, 0, 1}));
  conversion.put("patch_embed.proj.bias", conversion.take("embedding/bias", 1));
  conversion.put("cls_token", conversion.take("cls", 3));
  conversion.put("pos_embed", conversion.take("Transformer/posembed_input/pos_embedding", 3));
  for (int i = 0;; ++i) {
    const std::string from = "Transformer/encoderblock_" + std::to_string(i);
    const std::string to = "blocks." + std::to_string(i);
    if (i > 0 && !conversion.has(from + "/LayerNorm_0/scale")) break;
    conversion.layer_norm(from + "/LayerNorm_0", to + ".norm1");
    conversion.attention(from + "/MultiHeadDotProductAttention_1", to + ".attn");
    conversion.layer_norm(from + "/LayerNorm_2", to + ".norm2");
    conversion.dense(from + "/MlpBlock_3/Dense_0", to + ".mlp.fc1");
    conversion.dense(from + "/MlpBlock_3/Dense_1", to + ".mlp.fc2");
  }
  conversion.layer_norm("Transformer/encoder_norm", "norm");
  conversion.dense("head", "head");
  return conversion.finish();
}

}  // namespace robiq
