#include "robiq/train/group_step.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "robiq/model/running_statistics.h"

namespace robiq {

namespace {

constexpr std::int64_t kBucketBytes = std::int64_t{25} << 20;

/// Sums some gradients as one tensor.
void sum_bucket(const ProcessGroup& group, const std::vector<at::Tensor>& gradients) {
  if (gradients.empty()) return;
  std::vector<at::Tensor> flat;
  for (const at::Tensor& gradient : gradients) flat.push_back(gradient.reshape({-1}));
  at::Tensor bucket = at::cat(flat);
  group.sum(bucket);
  std::int64_t offset = 0;
  for (const at::Tensor& gradient : gradients) {
    gradient.copy_(bucket.narrow(0, offset, gradient.numel()).view(gradient.sizes()));
    offset += gradient.numel();
  }
}

}  // namespace

WholeBatch whole_batch(const ProcessGroup* group, const at::Tensor& outputs,
                       const at::Tensor& mos) {
  if (group == nullptr) return {outputs.detach(), mos};
  // As one flat tensor: who has no row does not know K.
  const std::int64_t columns = outputs.size(1);
  const at::Tensor own = at::cat({outputs.detach(), mos.to(outputs.scalar_type()).unsqueeze(1)}, 1);
  std::vector<at::Tensor> all_outputs, all_mos;
  for (const at::Tensor& flat : group->gather(own.reshape({-1}))) {
    const at::Tensor rows = flat.view({-1, columns + 1});
    all_outputs.push_back(rows.narrow(1, 0, columns));
    all_mos.push_back(rows.select(1, columns));
  }
  return {at::cat(all_outputs), at::cat(all_mos)};
}

void skip_whole_batch(const ProcessGroup& group) {
  static_cast<void>(group.gather(at::empty({0}, at::kFloat)));
}

void sum_over_processes(const ProcessGroup& group, const std::vector<at::Tensor>& parameters,
                        const std::vector<double*>& numbers) {
  const auto count = static_cast<std::int64_t>(parameters.size());
  at::Tensor facts = at::zeros({count + static_cast<std::int64_t>(numbers.size())}, at::kDouble);
  double* const fact = facts.data_ptr<double>();
  for (std::size_t i = 0; i < parameters.size(); ++i) fact[i] = parameters[i].grad().defined();
  for (std::size_t i = 0; i < numbers.size(); ++i) fact[parameters.size() + i] = *numbers[i];
  group.sum(facts);
  for (std::size_t i = 0; i < numbers.size(); ++i) *numbers[i] = fact[parameters.size() + i];

  std::vector<at::Tensor> bucket;
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (fact[i] == 0) continue;
    at::Tensor parameter = parameters[i];
    if (!parameter.grad().defined()) parameter.mutable_grad() = at::zeros_like(parameter);
    bucket.push_back(parameter.grad());
    bytes += static_cast<std::int64_t>(parameter.grad().nbytes());
    if (bytes < kBucketBytes) continue;
    sum_bucket(group, bucket);
    bucket.clear();
    bytes = 0;
  }
  sum_bucket(group, bucket);
}

void broadcast_running_statistics(const ProcessGroup& group, const QualityModel& model) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> own, flat;
  for (const auto& [name, tensor] : running_statistics(model)) {
    if (is_batch_count(name)) continue;  // alike in all
    own.push_back(tensor);
    flat.push_back(tensor.reshape({-1}));
  }
  if (own.empty()) return;
  at::Tensor all = at::cat(flat);
  group.broadcast(all);
  std::int64_t offset = 0;
  for (const at::Tensor& tensor : own) {
    tensor.copy_(all.narrow(0, offset, tensor.numel()).view(tensor.sizes()));
    offset += tensor.numel();
  }
}

void broadcast_state(const ProcessGroup& group, const QualityModel& model) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : model.state()) {
    at::Tensor sent = tensor.detach().contiguous();
    group.broadcast(sent);
    if (!sent.is_same(tensor)) tensor.detach().copy_(sent);
  }
}

}  // namespace robiq
