#include <ATen/ATen.h>

#include "attacks.h"
#include "model_handle.h"
#include "robiq/attack/gradient/perceptual_ascent.h"
#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/core/stop.h"
#include "robiq/metric/distance/ssim.h"

// The walks that two attacks are made of, from a given start: what the published numbers of those
// attacks are compared with.

namespace robiq::python {
namespace {

/// Calls `walk` with the model frozen and the batch it is to attack.
[[nodiscard]] at::Tensor walked(const ModelHandle& handle, const at::Tensor& images,
                                const std::function<AttackOutcome(QualityModel&, const AttackBatch&,
                                                                  const AttackContext&)>& walk) {
  return called([&] {
    const auto turn = handle.turn();
    const ScopedFrozen frozen(handle.model());
    const AttackBatch batch{images, handle.model().score(images).detach(), {"only"}};
    return walk(handle.model(), batch, {.rng = Rng(0), .stop = stop_requested}).images.detach();
  });
}

[[nodiscard]] at::Tensor sign_walk(const ModelHandle& handle, const at::Tensor& images,
                                   const std::string& loss, double epsilon, double step_size,
                                   std::int64_t steps, const at::Tensor& start) {
  return walked(handle, images, [&](auto& model, const auto& batch, const auto& context) {
    return sign_ascent(model, batch, {parse_objective(loss), epsilon, step_size, steps}, start,
                       context);
  });
}

[[nodiscard]] at::Tensor perceptual_walk(const ModelHandle& handle, const at::Tensor& images,
                                         double weight, double step_size, std::int64_t steps,
                                         const std::optional<std::array<double, 3>>& map,
                                         const at::Tensor& start) {
  return walked(handle, images, [&](auto& model, const auto& batch, const auto& context) {
    PerceptualAscent walk{.weight = weight, .step_size = step_size, .steps = steps};
    if (map) walk.map = LogisticMap{(*map)[0], (*map)[1], (*map)[2]};
    walk.similarity_to = [](const at::Tensor& clean) {
      return [clean](const at::Tensor& moved) { return ssim(clean, moved); };
    };
    return perceptual_ascent(model, batch, walk, start, context);
  });
}

}  // namespace

void bind_walks(py::module_& module) {
  module.def("sign_ascent", sign_walk);
  module.def("perceptual_ascent", perceptual_walk);
}

}  // namespace robiq::python
