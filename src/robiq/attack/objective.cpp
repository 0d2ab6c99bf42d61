#include "robiq/attack/objective.h"

#include <ATen/ATen.h>

#include "robiq/core/error.h"
#include "robiq/tensor/row_extremes.h"

namespace robiq {

std::vector<std::string_view> objective_names() { return {"mid", "mae", "mse", "up", "down"}; }

Objective parse_objective(std::string_view name) {
  const std::vector<std::string_view> names = objective_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Objective>(i);
  }
  throw Error(ErrorKind::kUsage, {"no attack loss is called '" + std::string(name) + "'", "loss",
                                  "use mid, mae, mse, up or down"});
}

bool needs_random_start(Objective objective) {
  return objective == Objective::kMae || objective == Objective::kMse;
}

at::Tensor objective_value(Objective objective, const at::Tensor& scores, const at::Tensor& clean,
                           const ScoreScale& scale) {
  const auto normalised = [&scale](const at::Tensor& native) {
    return (native - scale.worst) * scale.factor();
  };
  const at::Tensor score = normalised(scores);
  switch (objective) {
    case Objective::kUp:
      return score.sum();
    case Objective::kDown:
      return -score.sum();
    case Objective::kMae:
      return (score - normalised(clean)).abs().sum();
    case Objective::kMse:
      return (score - normalised(clean)).square().sum();
    case Objective::kMid:
      break;
  }
  const at::Tensor low = normalised(clean) <= 50;
  return at::where(low, score, -score).sum();
}

void check_gradient(const at::Tensor& gradient, const std::string& model) {
  if (!any_row_is_nan(gradient)) return;
  throw Error(ErrorKind::kNumeric,
              {"the gradient of a score is NaN everywhere", model,
               "look for square roots and divisions at 0 in the model, or attack it by its scores "
               "alone (square)"});
}

}  // namespace robiq
