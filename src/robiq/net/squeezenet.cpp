#include "robiq/net/squeezenet.h"

#include <ATen/ATen.h>

#include <string>

namespace robiq {
namespace {

struct UnitShape {
  std::int64_t index;  ///< in torchvision's `features`
  std::int64_t squeezed, expanded;
  bool pooled_before, is_stage;
};
constexpr UnitShape kUnits[] = {{3, 16, 64, true, false},   {4, 16, 64, false, true},
                                {6, 32, 128, true, false},  {7, 32, 128, false, true},
                                {9, 48, 192, true, true},   {10, 48, 192, false, true},
                                {11, 64, 256, false, true}, {12, 64, 256, false, true}};
constexpr std::int64_t kFirstChannels = 64;

/// Half the size, rounded up.
at::Tensor pooled(const at::Tensor& x) {
  return at::max_pool2d(x, {3, 3}, {2, 2}, {0, 0}, {1, 1}, /*ceil_mode=*/true);
}

torch::nn::Conv2d convolution(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).padding(kernel / 2));
}

}  // namespace

FireImpl::FireImpl(std::int64_t in, std::int64_t squeezed, std::int64_t expanded)
    : squeeze_(register_module("squeeze", convolution(in, squeezed, 1))),
      expand1x1_(register_module("expand1x1", convolution(squeezed, expanded, 1))),
      expand3x3_(register_module("expand3x3", convolution(squeezed, expanded, 3))) {}

at::Tensor FireImpl::forward(const at::Tensor& x) {
  const at::Tensor few = at::relu(squeeze_(x));
  return at::relu(at::cat({expand1x1_(few), expand3x3_(few)}, 1));
}

SqueezeNetFeaturesImpl::SqueezeNetFeaturesImpl()
    : first_(register_module(
          "0", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, kFirstChannels, 3).stride(2)))) {
  std::int64_t channels = kFirstChannels;
  for (const UnitShape& unit : kUnits) {
    units_.push_back(
        register_module(std::to_string(unit.index), Fire(channels, unit.squeezed, unit.expanded)));
    channels = 2 * unit.expanded;
  }
}

std::vector<at::Tensor> SqueezeNetFeaturesImpl::stages(const at::Tensor& images) {
  at::Tensor x = at::relu(first_(images));
  std::vector<at::Tensor> outputs = {x};
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (kUnits[i].pooled_before) x = pooled(x);
    x = units_[i](x);
    if (kUnits[i].is_stage) outputs.push_back(x);
  }
  return outputs;
}

}  // namespace robiq
