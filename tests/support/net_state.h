#pragma once
// The state of a network that is no QualityModel, by name.
#include <torch/nn/module.h>

#include "robiq/tensor/tensor_map.h"

namespace robiq::test {

/// Parameters and buffers; shares memory with the network.
[[nodiscard]] inline TensorMap state_of(const torch::nn::Module& net) {
  TensorMap tensors;
  for (const auto& item : net.named_parameters()) tensors.emplace(item.key(), item.value());
  for (const auto& item : net.named_buffers()) tensors.emplace(item.key(), item.value());
  return tensors;
}

/// Every floating-point tensor to this type; Module::to() would convert integers too.
inline void convert(torch::nn::Module& net, at::ScalarType type) {
  for (const auto& [name, tensor] : state_of(net)) {
    if (tensor.is_floating_point()) tensor.set_data(tensor.detach().to(type));
  }
}

}  // namespace robiq::test
