#include "robiq/model/several_models.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <utility>

namespace robiq {
namespace {

/// What pictures must be for every one of them.
ModelCard card_of_all(const std::vector<std::unique_ptr<QualityModel>>& models) {
  ModelCard card;
  card.name = "several models";
  card.scale = {};  // 0 worst to 100 best
  for (const auto& model : models) {
    card.min_side = std::max(card.min_side, model->card().min_side);
    card.pixels_at_once = std::min(card.pixels_at_once, model->card().pixels_at_once);
  }
  return card;
}

}  // namespace

SeveralModels::SeveralModels(std::vector<std::unique_ptr<QualityModel>> models)
    : QualityModel(card_of_all(models)), models_(std::move(models)) {}

std::vector<ParamGroup> SeveralModels::parameter_groups() {
  std::vector<ParamGroup> all;
  for (const auto& model : models_) {
    for (ParamGroup& group : model->parameter_groups()) all.push_back(std::move(group));
  }
  return all;
}

TensorMap SeveralModels::state() const {
  TensorMap all;
  for (std::size_t i = 0; i < models_.size(); ++i) {
    for (const auto& [name, tensor] : models_[i]->state()) {
      all[std::to_string(i) + "." + name] = tensor;
    }
  }
  return all;
}

void SeveralModels::set_training(bool on) {
  for (const auto& model : models_) model->set_training(on);
}

void SeveralModels::set_batch_statistics(bool on) {
  for (const auto& model : models_) model->set_batch_statistics(on);
}

void SeveralModels::move_to(c10::Device device) {
  for (const auto& model : models_) model->move_to(device);
}

at::Tensor SeveralModels::forward(const at::Tensor& images) {
  at::Tensor sum;
  for (const auto& model : models_) {
    const ScoreScale& scale = model->card().scale;
    const at::Tensor points = (model->score(images) - scale.worst) * scale.factor();
    sum = sum.defined() ? sum + points : points;
  }
  return sum / static_cast<double>(models_.size());
}

std::vector<QualityModel*> models_in(QualityModel& model) {
  const auto* const several = dynamic_cast<const SeveralModels*>(&model);
  if (several == nullptr) return {&model};
  std::vector<QualityModel*> models;
  for (const auto& member : several->models()) models.push_back(member.get());
  return models;
}

}  // namespace robiq
