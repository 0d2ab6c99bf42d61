#include "robiq/attack/gradient/universal.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/core/error.h"
#include "robiq/model/picture_score.h"

namespace robiq {
namespace {

constexpr double kStart = 1e-4;
constexpr std::int64_t kCentreFrom = 512;

}  // namespace

at::Tensor tiled(const at::Tensor& perturbation, std::int64_t height, std::int64_t width) {
  const std::int64_t rows = (height + perturbation.size(2) - 1) / perturbation.size(2);
  const std::int64_t columns = (width + perturbation.size(3) - 1) / perturbation.size(3);
  return perturbation.repeat({1, 1, rows, columns}).narrow(2, 0, height).narrow(3, 0, width);
}

at::Tensor universal_training_picture(const at::Tensor& picture) {
  const std::int64_t height = picture.size(2), width = picture.size(3);
  if (height >= kCentreFrom && width >= kCentreFrom) {
    return picture.narrow(2, height / 2 - kUniversalSide / 2, kUniversalSide)
        .narrow(3, width / 2 - kUniversalSide / 2, kUniversalSide);
  }
  return at::upsample_bilinear2d(picture, {kUniversalSide, kUniversalSide},
                                 /*align_corners=*/false);
}

UniversalTrainer::UniversalTrainer(QualityModel& model, const UniversalTraining& how)
    : model_(model),
      how_(how),
      perturbation_(at::full({1, 3, kUniversalSide, kUniversalSide}, kStart,
                             at::TensorOptions(model.device()).dtype(at::kFloat))) {
  if (!how.cumulative) moments_.emplace(perturbation_);
}

double UniversalTrainer::step(const at::Tensor& images) {
  const ScopedFrozen frozen(model_);
  at::Tensor seen = images + perturbation_;
  if (!how_.cumulative) seen = seen.clamp(0, 1);
  const at::Tensor leaf = seen.detach().requires_grad_(true);
  const ScoreScale& scale = model_.card().scale;
  const at::Tensor loss = 1 - (model_.score(leaf) - scale.worst).mean() * (scale.factor() / 100.0);
  const at::Tensor gradient = torch::autograd::grad({loss}, {leaf})[0].sum(0, true);
  check_finite(gradient, model_.card().name);  // else the perturbation holds it for good
  if (moments_) {
    moments_->add(gradient);
    perturbation_ = perturbation_ - how_.learning_rate * moments_->torch_step();
  } else {
    perturbation_ = perturbation_ - gradient;
  }
  perturbation_ = perturbation_.clamp(-how_.bound, how_.bound);
  return loss.item<double>();
}

namespace {

constexpr const char* kPerturbation = "perturbation";
constexpr const char* kFirst = "first_moment";
constexpr const char* kSecond = "second_moment";

}  // namespace

TensorMap UniversalTrainer::state() const {
  TensorMap state{{kPerturbation, perturbation_.cpu()}};
  if (moments_) {
    state.emplace(kFirst, moments_->first.cpu());
    state.emplace(kSecond, moments_->second.cpu());
  }
  return state;
}

void UniversalTrainer::restore(const TensorMap& state, std::int64_t steps) {
  const auto tensor = [&](const char* name) {
    const auto it = state.find(name);
    const bool fits = it != state.end() && it->second.sizes() == perturbation_.sizes() &&
                      it->second.scalar_type() == at::kFloat;
    if (fits) return it->second.to(perturbation_.device());
    throw Error(ErrorKind::kModel, {std::string("the training's state lacks its ") + name, "uap",
                                    "remove the state's file: the training then begins anew"});
  };
  perturbation_ = tensor(kPerturbation);
  if (!moments_) return;
  moments_->first = tensor(kFirst);
  moments_->second = tensor(kSecond);
  moments_->steps = static_cast<int>(steps);
}

}  // namespace robiq
