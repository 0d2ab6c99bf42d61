#include "robiq/model/picture_score.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "robiq/core/error.h"
#include "robiq/model/crop_ensemble.h"

namespace robiq {

std::int64_t view_chunk(const ModelCard& card, const std::vector<View>& views) {
  const std::int64_t area = std::max<std::int64_t>(1, views.front().height * views.front().width);
  return std::clamp<std::int64_t>(card.pixels_at_once / area, 1, 256);
}

void check_finite(const at::Tensor& values, const std::string& who) {
  if (at::isfinite(values).all().item<bool>()) return;
  throw Error(ErrorKind::kNumeric,
              {"a score or a gradient is NaN or infinite", who,
               "try other weights: these may be corrupt, or their training diverged"});
}

double score_picture(QualityModel& model, const at::Tensor& picture,
                     const std::vector<View>& views) {
  const at::NoGradGuard no_grad;
  const at::Tensor score =
      CropEnsemble(model, views, view_chunk(model.card(), views)).score(picture);
  check_finite(score, model.card().name);
  return score.item<double>();
}

PictureGradient score_gradient(QualityModel& model, const at::Tensor& picture,
                               const std::vector<View>& views) {
  const ScopedFrozen frozen(model);
  const auto total = static_cast<double>(views.size());
  const std::int64_t chunk = view_chunk(model.card(), views);
  PictureGradient result{0, at::zeros_like(picture), 0};
  for (auto next = views.begin(); next != views.end();) {
    const auto end = next + std::min<std::ptrdiff_t>(chunk, views.end() - next);
    const at::Tensor leaf = picture.detach().requires_grad_(true);
    const at::Tensor cut = cut_views(leaf, {next, end});
    const at::Tensor sum = model.score(cut).sum(at::kDouble);
    const auto gradients = torch::autograd::grad({sum}, {leaf, cut});
    result.gradient += gradients[0] / total;
    result.view_l1 += gradients[1].abs().sum(at::kDouble).item<double>() / total;
    result.score += sum.item<double>() / total;
    next = end;
  }
  check_finite(at::scalar_tensor(result.score, at::kDouble), model.card().name);
  check_finite(result.gradient, model.card().name);
  return result;
}

}  // namespace robiq
