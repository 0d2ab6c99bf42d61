#include "robiq/net/alexnet.h"

#include <ATen/ATen.h>

#include <string>

namespace robiq {
namespace {

struct LayerShape {
  std::int64_t index;  ///< in torchvision's `features`
  std::int64_t in, out, kernel, stride, padding;
};
constexpr LayerShape kLayers[] = {{0, 3, 64, 11, 4, 2},
                                  {3, 64, 192, 5, 1, 2},
                                  {6, 192, 384, 3, 1, 1},
                                  {8, 384, 256, 3, 1, 1},
                                  {10, 256, 256, 3, 1, 1}};
/// So many of the first layers are followed by a pooling.
constexpr std::size_t kPooled = 2;

}  // namespace

AlexNetFeaturesImpl::AlexNetFeaturesImpl() {
  for (const LayerShape& shape : kLayers) {
    torch::nn::Conv2d convolution(torch::nn::Conv2dOptions(shape.in, shape.out, shape.kernel)
                                      .stride(shape.stride)
                                      .padding(shape.padding));
    layers_.push_back(register_module(std::to_string(shape.index), convolution));
  }
}

std::vector<at::Tensor> AlexNetFeaturesImpl::stages(const at::Tensor& images) {
  std::vector<at::Tensor> outputs;
  at::Tensor x = images;
  for (torch::nn::Conv2d& layer : layers_) {
    if (!outputs.empty() && outputs.size() <= kPooled) x = at::max_pool2d(x, {3, 3}, {2, 2});
    x = at::relu(layer(x));
    outputs.push_back(x);
  }
  return outputs;
}

}  // namespace robiq
