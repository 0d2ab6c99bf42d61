#include "robiq/model/crop_ensemble.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

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

/// Whether neither parameters nor what training draws at random take part.
bool is_frozen(QualityModel& model) {
  if (model.training()) return false;
  for (const ParamGroup& group : model.parameter_groups()) {
    for (const at::Tensor& tensor : group.tensors) {
      if (tensor.requires_grad()) return false;
    }
  }
  return true;
}

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;
/// The scores [V] of the views of one chunk of a picture [1,3,H,W].
using ChunkScores = std::function<at::Tensor(const at::Tensor& picture, std::size_t chunk)>;

/// What a mean over views is made of.
struct Chunks {
  ChunkScores scores;
  std::size_t count = 0;

  /// [1], float32
  [[nodiscard]] at::Tensor mean(const at::Tensor& picture) const {
    std::vector<at::Tensor> all;
    for (std::size_t chunk = 0; chunk < count; ++chunk) all.push_back(scores(picture, chunk));
    return at::cat(all).mean(at::kDouble).to(at::kFloat).view({1});
  }
};

/// The mean with its gradient, of which the graph holds one picture instead of all views: the
/// gradient of each chunk is taken as soon as its scores are there.
class MeanWithGradient : public torch::autograd::Function<MeanWithGradient> {
 public:
  static Variable forward(AutogradContext* context, const Variable& picture, const Chunks& chunks) {
    const at::AutoGradMode gradients(true);
    std::vector<at::Tensor> all;
    at::Tensor gradient = at::zeros_like(picture);
    std::int64_t views = 0;
    for (std::size_t chunk = 0; chunk < chunks.count; ++chunk) {
      const at::Tensor leaf = picture.detach().requires_grad_(true);
      const at::Tensor scores = chunks.scores(leaf, chunk);
      gradient += torch::autograd::grad({scores.sum()}, {leaf})[0].detach();
      all.push_back(scores.detach());
      views += scores.size(0);
    }
    context->save_for_backward({picture, gradient.detach() / static_cast<double>(views)});
    context->saved_data["chunks"] = c10::IValue::make_capsule(c10::make_intrusive<Held>(chunks));
    return at::cat(all).mean(at::kDouble).to(at::kFloat).view({1});
  }

  static variable_list backward(AutogradContext* context, variable_list slopes) {
    const variable_list saved = context->get_saved_variables();
    if (!at::GradMode::is_enabled()) {
      return {saved[1] * slopes[0].view({1, 1, 1, 1}), Variable()};
    }
    // To be differentiated once more: that needs the graph of all views after all.
    const auto held = context->saved_data["chunks"].toCapsule();
    const at::Tensor mean = static_cast<Held&>(*held).chunks.mean(saved[0]);
    return {torch::autograd::grad({mean}, {saved[0]}, {slopes[0]}, true, /*create_graph=*/true)[0],
            Variable()};
  }

 private:
  struct Held : torch::CustomClassHolder {
    explicit Held(Chunks kept) : chunks(std::move(kept)) {}
    Chunks chunks;
  };
};

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
  const Chunks chunks{
      [&model = model_, views = views_, size = chunk_](const at::Tensor& picture,
                                                       std::size_t chunk) {
        const auto begin = views.begin() + static_cast<std::ptrdiff_t>(chunk) * size;
        const auto end = begin + std::min<std::ptrdiff_t>(size, views.end() - begin);
        return model.score(cut_views(picture, {begin, end}));
      },
      (views_.size() + static_cast<std::size_t>(chunk_) - 1) / static_cast<std::size_t>(chunk_)};
  // A graph of one chunk is as small as it gets, and parameters have gradients of their own.
  const bool bounded = at::GradMode::is_enabled() && chunks.count > 1 && is_frozen(model_);
  std::vector<at::Tensor> means;
  for (std::int64_t n = 0; n < images.size(0); ++n) {
    at::Tensor picture = images.narrow(0, n, 1);
    if (resize_.first > 0) picture = resize_float(picture, resize_.first, resize_.second);
    const bool with_gradient = bounded && picture.requires_grad();
    means.push_back(with_gradient ? MeanWithGradient::apply(picture, chunks)
                                  : chunks.mean(picture));
  }
  return at::cat(means);
}

}  // namespace robiq
