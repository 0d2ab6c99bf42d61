#include "robiq/model/net_model.h"

#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>

namespace robiq {

NetModel::NetModel(ModelCard card, std::shared_ptr<torch::nn::Module> net)
    : QualityModel(std::move(card)), net_(std::move(net)) {}

std::vector<ParamGroup> NetModel::parameter_groups() { return {{"all", net_->parameters()}}; }

TensorMap NetModel::state() const {
  TensorMap tensors;
  for (const auto& item : net_->named_parameters()) tensors.emplace(item.key(), item.value());
  for (const auto& item : net_->named_buffers()) tensors.emplace(item.key(), item.value());
  return tensors;
}

void NetModel::set_training(bool on) { net_->train(on); }

bool NetModel::training() const { return net_->is_training(); }

void NetModel::set_batch_statistics(bool on) {
  for (const auto& module : net_->modules()) {
    if (module->as<torch::nn::BatchNorm2dImpl>() != nullptr ||
        module->as<torch::nn::BatchNorm1dImpl>() != nullptr) {
      module->train(on && net_->is_training());
    }
  }
}

void NetModel::move_to(c10::Device device) { net_->to(device); }

bool NetModel::folds() const {
  for (const auto& module : net_->modules()) {
    if (module->as<torch::nn::BatchNorm2dImpl>() != nullptr) return true;
  }
  return false;
}

c10::Device NetModel::device() const { return net_->parameters().front().device(); }

}  // namespace robiq
