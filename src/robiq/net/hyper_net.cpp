#include "robiq/net/hyper_net.h"

#include <ATen/ATen.h>
#include <torch/nn/init.h>

namespace robiq {
namespace {

/// Widths of the target network, from its input to its last hidden layer.
constexpr std::array<std::int64_t, 5> kWidths{224, 112, 56, 28, 14};
constexpr std::int64_t kContent = 112;  // channels
constexpr std::int64_t kCells = 7 * 7;  // of the last layer's map
constexpr std::int64_t kPool = 7;       // side of the branches' average pooling

torch::nn::Conv2d convolution(std::int64_t in, std::int64_t out, std::int64_t side, bool bias) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, side).padding(side / 2).bias(bias));
}

void kaiming(const at::Tensor& weight) {
  torch::nn::init::kaiming_normal_(weight, 0, torch::kFanIn, torch::kReLU);
}

}  // namespace

HyperNetImpl::HyperNetImpl() : res_(register_module("res", ResNet(resnet50()))) {
  make_distortion_branches();
  // The odd children, without parameters, are ReLUs.
  auto content = std::make_shared<torch::nn::Module>();
  constexpr std::array<std::int64_t, 4> kChannels{2048, 1024, 512, kContent};
  for (std::size_t i = 0; i < 3; ++i) {
    content_conv_[i] = content->register_module(
        std::to_string(2 * i), convolution(kChannels[i], kChannels[i + 1], 1, true));
  }
  register_module("conv1", content);
  make_generators();
}

void HyperNetImpl::make_distortion_branches() {
  constexpr std::array<std::int64_t, 3> kIn{256, 512, 1024}, kOut{16, 32, 64};
  constexpr std::array<std::int64_t, 4> kFlat{16 * 64, 32 * 16, 64 * 4, 2048};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string name = "lda" + std::to_string(i + 1);
    if (i < 3) {
      auto pool = std::make_shared<torch::nn::Module>();
      branch_conv_[i] = pool->register_module("0", convolution(kIn[i], kOut[i], 1, false));
      kaiming(branch_conv_[i]->weight);
      res_->register_module(name + "_pool", pool);
    }
    // Three short descriptions and a long one: 16 + 16 + 16 + 176 numbers.
    branch_fc_[i] =
        res_->register_module(name + "_fc", torch::nn::Linear(kFlat[i], i < 3 ? 16 : 176));
    kaiming(branch_fc_[i]->weight);
  }
}

void HyperNetImpl::make_generators() {
  for (std::size_t i = 0; i < 5; ++i) {
    const std::string name = "fc" + std::to_string(i + 1);
    const std::int64_t out = i < 4 ? kWidths[i + 1] : 1;
    if (i < 4) {
      weight_conv_[i] = register_module(name + "w_conv",
                                        convolution(kContent, kWidths[i] * out / kCells, 3, true));
      kaiming(weight_conv_[i]->weight);
    } else {
      last_weight_fc_ = register_module(name + "w_fc", torch::nn::Linear(kContent, kWidths[i]));
      kaiming(last_weight_fc_->weight);
    }
    bias_fc_[i] = register_module(name + "b_fc", torch::nn::Linear(kContent, out));
    kaiming(bias_fc_[i]->weight);
  }
}

at::Tensor HyperNetImpl::distortion(const std::array<at::Tensor, 4>& stages) {
  std::vector<at::Tensor> parts;
  for (std::size_t i = 0; i < 4; ++i) {
    // The authors convolve before they pool; both are linear and act on different axes, so that the
    // order is free, and this one has 49 times less to convolve.
    at::Tensor map = at::avg_pool2d(stages[i], {kPool, kPool}, {kPool, kPool});
    if (i < 3) map = branch_conv_[i]->forward(map);
    parts.push_back(branch_fc_[i]->forward(map.flatten(1)));
  }
  return at::cat(parts, 1);
}

void HyperNetImpl::generate(HyperNetOutputs& out) {
  const std::int64_t count = out.content.size(0);
  const at::Tensor pooled = out.content.mean({2, 3});
  for (std::size_t i = 0; i < 5; ++i) {
    const at::Tensor flat =
        i < 4 ? weight_conv_[i]->forward(out.content).flatten(1) : last_weight_fc_->forward(pooled);
    out.weights[i] = flat.reshape({count, i < 4 ? kWidths[i + 1] : 1, kWidths[i]});
    out.biases[i] = bias_fc_[i]->forward(pooled);
  }
}

HyperNetOutputs HyperNetImpl::forward(const at::Tensor& images) {
  HyperNetOutputs out;
  out.stem = res_->stem(images);
  out.stages = res_->stages(out.stem);
  out.distortion = distortion(out.stages);
  out.content = out.stages[3];
  for (torch::nn::Conv2d& conv : content_conv_) out.content = conv->forward(out.content).relu_();
  generate(out);
  at::Tensor x = out.distortion.unsqueeze(2);
  for (std::size_t i = 0; i < 5; ++i) {
    x = at::baddbmm(out.biases[i].unsqueeze(2), out.weights[i], x);
    if (i < 4) out.hidden[i] = (x = x.sigmoid()).squeeze(2);
  }
  out.score = x.flatten();
  return out;
}

}  // namespace robiq
