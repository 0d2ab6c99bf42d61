#include "robiq/net/scnn.h"

#include <ATen/ATen.h>
#include <torch/nn/init.h>

#include <string>

namespace robiq {
namespace {

struct ScnnLayer {
  std::int64_t in, out, stride;
};
constexpr ScnnLayer kScnnLayers[] = {{3, 48, 1},   {48, 48, 2},   {48, 64, 1},
                                     {64, 64, 2},  {64, 64, 1},   {64, 64, 2},
                                     {64, 128, 1}, {128, 128, 1}, {128, 128, 2}};

}  // namespace

ScnnFeaturesImpl::ScnnFeaturesImpl() {
  std::int64_t index = 0;
  for (const ScnnLayer& shape : kScnnLayers) {
    torch::nn::Conv2d convolution(
        torch::nn::Conv2dOptions(shape.in, shape.out, 3).stride(shape.stride).padding(1));
    torch::nn::init::kaiming_normal_(convolution->weight, 0, torch::kFanIn, torch::kReLU);
    torch::nn::init::zeros_(convolution->bias);
    const auto conv = register_module(std::to_string(index), convolution);
    layers_.emplace_back(
        conv, register_module(std::to_string(index + 1), torch::nn::BatchNorm2d(shape.out)));
    index += 3;  // the third is its rectifier
  }
}

at::Tensor ScnnFeaturesImpl::forward(const at::Tensor& images) {
  at::Tensor x = images;
  for (ConvolutionNorm& layer : layers_) x = at::relu(layer.forward(x));
  return x;
}

}  // namespace robiq
