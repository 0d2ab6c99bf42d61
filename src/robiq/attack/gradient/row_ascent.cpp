#include "robiq/attack/gradient/row_ascent.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

namespace robiq {

at::Tensor row_objective(Objective objective, const at::Tensor& scores, const at::Tensor& clean,
                         const ScoreScale& scale) {
  std::vector<at::Tensor> values;
  for (std::int64_t row = 0; row < scores.size(0); ++row) {
    values.push_back(
        objective_value(objective, scores.narrow(0, row, 1), clean.narrow(0, row, 1), scale));
  }
  return at::stack(values);
}

RowAscent row_ascent(QualityModel& victim, const at::Tensor& images, Objective objective,
                     const at::Tensor& clean,
                     const std::function<at::Tensor(const at::Tensor&)>& view) {
  const at::Tensor leaf = images.detach().requires_grad_(true);
  const at::Tensor scores = victim.score(view ? view(leaf) : leaf);
  const at::Tensor values = row_objective(objective, scores, clean, victim.card().scale);
  const at::Tensor gradient = torch::autograd::grad({values.sum()}, {leaf})[0];
  return {values.detach(), gradient.nan_to_num_(0, 1, -1)};
}

}  // namespace robiq
