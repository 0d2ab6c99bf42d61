#pragma once
#include <torch/optim/optimizer.h>

#include <string>
#include <vector>

#include "robiq/model/quality_model.h"
#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// What an optimiser of LibTorch remembers, as plain tensors: for parameter P of group G the
/// entries "G.P.step" (int64, a scalar), "G.P.exp_avg" and "G.P.exp_avg_sq" of adam and adamw, or
/// "G.P.momentum_buffer" of sgd. What has not been stepped yet has none. The tensors are shared.
/// \param name  adam | adamw | sgd
[[nodiscard]] TensorMap optimizer_state(const std::string& name, torch::optim::Optimizer& optimizer,
                                        const std::vector<ParamGroup>& groups);

/// Makes the optimiser remember that and nothing else.
/// \throws Error{kModel}, and nothing has changed, for a name that no parameter has, a missing one,
///         another shape or type than the parameter's, a step count below 1
void load_optimizer_state(const std::string& name, const TensorMap& state,
                          torch::optim::Optimizer& optimizer,
                          const std::vector<ParamGroup>& groups);

}  // namespace robiq
