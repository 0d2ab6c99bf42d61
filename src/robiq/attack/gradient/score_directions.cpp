#include "robiq/attack/gradient/score_directions.h"

#include <ATen/ATen.h>

#include "robiq/core/error.h"

namespace robiq {

std::vector<std::string_view> direction_names() { return {"mid", "up", "down"}; }

at::Tensor score_directions(Objective objective, const at::Tensor& clean, const ScoreScale& scale) {
  if (needs_random_start(objective)) {
    throw Error(ErrorKind::kInternal, {"this attack loss has no direction", "loss", ""});
  }
  const at::Tensor up = at::ones_like(clean);
  if (objective == Objective::kUp) return up;
  if (objective == Objective::kDown) return -up;
  return at::where((clean - scale.worst) * scale.factor() <= 50, up, -up);
}

}  // namespace robiq
