#include "robiq/train/task_shares.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

namespace robiq {

TaskShares::TaskShares(const Loss& loss, at::Tensor mos, std::int64_t rows_of_all)
    : loss_(loss), mos_(std::move(mos)), all_(rows_of_all) {}

void TaskShares::see(const WholeBatch& whole, std::int64_t first_row) {
  const at::Tensor leaf = whole.outputs.detach().requires_grad_(true);
  const at::Tensor value = loss_.value(leaf, whole.mos);
  slopes_ = torch::autograd::grad({value}, {leaf})[0];
  value_ = value.detach();
  seen_ = leaf.detach();
  first_row_ = first_row;
}

at::Tensor TaskShares::share(const at::Tensor& outputs, std::int64_t first) const {
  const std::int64_t count = outputs.size(0);
  const double part = static_cast<double>(count) / static_cast<double>(all_);
  if (!seen_.defined()) {
    const at::Tensor value = loss_.value(outputs, mos_.narrow(0, first, count));
    return count == all_ ? value : value * part;
  }
  const std::int64_t row = first_row_ + first;
  const at::Tensor change = outputs - seen_.narrow(0, row, count);
  return value_ * part + (change * slopes_.narrow(0, row, count)).sum();
}

}  // namespace robiq
