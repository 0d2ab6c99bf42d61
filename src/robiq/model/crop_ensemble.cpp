#include "robiq/model/crop_ensemble.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "robiq/tensor/resample.h"

namespace robiq {
namespace {

/// The inner model's card, for pictures that hold every view.
ModelCard ensemble_card(const QualityModel& model, const std::vector<View>& views, bool resized) {
  ModelCard card = model.card();
  card.fixed_side = false;
  if (resized) {
    card.min_side = 1;
    return card;
  }
  for (const View& view : views) {
    card.min_side = std::max(card.min_side, std::min(view.height, view.width));
  }
  return card;
}

}  // namespace

CropEnsemble::CropEnsemble(QualityModel& model, std::vector<View> views, std::int64_t chunk,
                           std::pair<std::int64_t, std::int64_t> resize)
    : QualityModel(ensemble_card(model, views, resize.first > 0)),
      model_(model),
      views_(std::move(views)),
      chunk_(chunk),
      resize_(resize) {}

std::vector<ParamGroup> CropEnsemble::parameter_groups() { return model_.parameter_groups(); }

at::Tensor CropEnsemble::forward(const at::Tensor& images) {
  std::vector<at::Tensor> means;
  for (std::int64_t n = 0; n < images.size(0); ++n) {
    at::Tensor picture = images.narrow(0, n, 1);
    if (resize_.first > 0) picture = resize_float(picture, resize_.first, resize_.second);
    std::vector<at::Tensor> scores;
    for (auto at = views_.begin(); at != views_.end();) {
      const auto end = at + std::min<std::ptrdiff_t>(chunk_, views_.end() - at);
      scores.push_back(model_.score(cut_views(picture, {at, end})));
      at = end;
    }
    means.push_back(at::cat(scores).mean(at::kDouble).to(at::kFloat).view({1}));
  }
  return at::cat(means);
}

}  // namespace robiq
