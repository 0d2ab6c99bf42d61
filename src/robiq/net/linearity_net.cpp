#include "robiq/net/linearity_net.h"

#include <ATen/ATen.h>

namespace robiq {
namespace {

constexpr std::int64_t kCode = 64;

/// The authors keep the backbone's children in a list, so that numbers are its names.
ResNetOptions numbered_resnet34() {
  ResNetOptions options = resnet34();
  options.conv_name = "0";
  options.norm_name = "1";
  options.layer_names = {"4", "5", "6", "7"};
  return options;
}

}  // namespace

LinearityNetImpl::LinearityNetImpl()
    : features_(register_module("features", ResNet(numbered_resnet34()))),
      coders_{make_coder("dr6", 256), make_coder("dr7", 512)} {
  level_[0] = register_module("regr6", torch::nn::Linear(kCode, 1));
  level_[1] = register_module("regr7", torch::nn::Linear(kCode, 1));
  regression_ = register_module("regression", torch::nn::Linear(2 * kCode, 1));
}

LinearityNetImpl::Coder LinearityNetImpl::make_coder(const std::string& name, std::int64_t in) {
  const std::array<std::int64_t, 4> widths{in, 1024, 256, kCode};
  Coder coder;
  auto parts = std::make_shared<torch::nn::Module>();
  for (std::size_t i = 0; i < 3; ++i) {
    coder.linears[i] =
        parts->register_module(std::to_string(2 * i), torch::nn::Linear(widths[i], widths[i + 1]));
    coder.norms[i] =
        parts->register_module(std::to_string(2 * i + 1), torch::nn::BatchNorm1d(widths[i + 1]));
  }
  register_module(name, parts);
  return coder;
}

at::Tensor LinearityNetImpl::Coder::code(at::Tensor x) {
  for (std::size_t i = 0; i < 3; ++i) x = norms[i]->forward(linears[i]->forward(x));
  return at::relu(x);
}

LinearityNetOutputs LinearityNetImpl::forward(const at::Tensor& images) {
  LinearityNetOutputs out;
  out.stem = features_->stem(images);
  out.stages = features_->stages(out.stem);
  for (std::size_t i = 0; i < 2; ++i) {
    out.pooled[i] = out.stages[i + 2].mean({2, 3});
    out.codes[i] = coders_[i].code(out.pooled[i]);
  }
  out.level6 = level_[0]->forward(out.codes[0]).squeeze(1);
  out.level7 = level_[1]->forward(out.codes[1]).squeeze(1);
  out.final = regression_->forward(at::cat({out.codes[0], out.codes[1]}, 1)).squeeze(1);
  return out;
}

bool LinearityNetImpl::normalises_by_batch() const { return coders_[0].norms[0]->is_training(); }

}  // namespace robiq
