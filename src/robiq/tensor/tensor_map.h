#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace robiq {

/// Named tensors: the state of a model or an attack, in name order.
using TensorMap = std::map<std::string, at::Tensor>;

}  // namespace robiq
