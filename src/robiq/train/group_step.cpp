#include "robiq/train/group_step.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "robiq/model/running_statistics.h"

namespace robiq {

namespace {

constexpr std::int64_t kBucketBytes = std::int64_t{25} << 20;

/// Exchanges some tensors as one, and puts what comes of it into them.
template <class Exchange>
void exchange_as_one(const std::vector<at::Tensor>& tensors, const Exchange& exchange) {
  if (tensors.empty()) return;
  std::vector<at::Tensor> flat;
  for (const at::Tensor& tensor : tensors) flat.push_back(tensor.reshape({-1}));
  at::Tensor all = at::cat(flat);
  exchange(all);
  std::int64_t offset = 0;
  for (const at::Tensor& tensor : tensors) {
    tensor.copy_(all.narrow(0, offset, tensor.numel()).view(tensor.sizes()));
    offset += tensor.numel();
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

  const auto sum = [&](at::Tensor& all) { group.sum(all); };
  std::vector<at::Tensor> bucket;
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (fact[i] == 0) continue;
    at::Tensor parameter = parameters[i];
    if (!parameter.grad().defined()) parameter.mutable_grad() = at::zeros_like(parameter);
    bucket.push_back(parameter.grad());
    bytes += static_cast<std::int64_t>(parameter.grad().nbytes());
    if (bytes < kBucketBytes) continue;
    exchange_as_one(bucket, sum);
    bucket.clear();
    bytes = 0;
  }
  exchange_as_one(bucket, sum);
}

void broadcast_running_statistics(const ProcessGroup& group, const QualityModel& model) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> own;
  for (const auto& [name, tensor] : running_statistics(model)) {
    if (!is_batch_count(name)) own.push_back(tensor);  // counts are alike in all
  }
  exchange_as_one(own, [&](at::Tensor& all) { group.broadcast(all); });
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
