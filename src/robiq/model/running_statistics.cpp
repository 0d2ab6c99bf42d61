#include "robiq/model/running_statistics.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace robiq {

bool is_batch_count(const std::string& name) { return name.ends_with("num_batches_tracked"); }

TensorMap running_statistics(const QualityModel& model) {
  TensorMap statistics;
  for (const auto& [name, tensor] : model.state()) {
    if (name.ends_with("running_mean") || name.ends_with("running_var") || is_batch_count(name)) {
      statistics.emplace(name, tensor.variable_data());
    }
  }
  return statistics;
}

ScopedRunningStatistics::ScopedRunningStatistics(const QualityModel& model) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : running_statistics(model)) {
    kept_.emplace_back(tensor, tensor.clone());
  }
}

ScopedRunningStatistics::~ScopedRunningStatistics() {
  const at::NoGradGuard no_grad;
  for (const auto& [tensor, copy] : kept_) tensor.copy_(copy);
}

}  // namespace robiq
