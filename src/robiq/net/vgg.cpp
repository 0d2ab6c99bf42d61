#include "robiq/net/vgg.h"

#include <ATen/ATen.h>
#include <torch/nn/init.h>

#include <string>

namespace robiq {
namespace {

struct Stage {
  std::int64_t channels, convolutions;
};
constexpr Stage kStages[] = {{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}};

torch::nn::Conv2d convolution(std::int64_t in, std::int64_t out) {
  torch::nn::Conv2d layer(torch::nn::Conv2dOptions(in, out, 3).padding(1));
  torch::nn::init::kaiming_normal_(layer->weight, 0, torch::kFanOut, torch::kReLU);
  torch::nn::init::zeros_(layer->bias);
  return layer;
}

}  // namespace

Vgg16FeaturesImpl::Vgg16FeaturesImpl() {
  std::int64_t channels = 3, index = 0;
  for (const Stage& stage : kStages) {
    auto& layers = stages_.emplace_back();
    for (std::int64_t i = 0; i < stage.convolutions; ++i) {
      layers.push_back(
          register_module(std::to_string(index), convolution(channels, stage.channels)));
      channels = stage.channels;
      index += 2;  // its rectifier
    }
    ++index;  // the pooling
  }
}

at::Tensor Vgg16FeaturesImpl::forward(const at::Tensor& images) { return stages(images).back(); }

std::vector<at::Tensor> Vgg16FeaturesImpl::stages(const at::Tensor& images) {
  return stages(images, [](const at::Tensor& x) { return at::max_pool2d(x, {2, 2}); });
}

std::vector<at::Tensor> Vgg16FeaturesImpl::stages(const at::Tensor& images,
                                                  const Pooling& pooling) {
  std::vector<at::Tensor> outputs;
  at::Tensor x = images;
  for (auto& layers : stages_) {
    if (!outputs.empty()) x = pooling(x);
    for (auto& layer : layers) x = at::relu(layer(x));
    outputs.push_back(x);
  }
  return outputs;
}

}  // namespace robiq
