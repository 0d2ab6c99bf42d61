#include "robiq/train/optimizer.h"

#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>
#include <torch/serialize/input-archive.h>
#include <torch/serialize/output-archive.h>

#include <sstream>

#include "robiq/core/error.h"

namespace robiq {

struct Optimizer::Impl {
  std::unique_ptr<torch::optim::Optimizer> optimizer;
  std::vector<double> base_rates;
  std::vector<at::Tensor> parameters;
};

namespace {

namespace optim = torch::optim;

template <class Options>
std::vector<optim::OptimizerParamGroup> make_groups(const std::vector<ParamGroup>& groups,
                                                    const std::vector<double>& rates,
                                                    const Options& common) {
  std::vector<optim::OptimizerParamGroup> made;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto own = std::make_unique<Options>(common);
    own->set_lr(rates[i]);
    made.emplace_back(groups[i].tensors, std::move(own));
  }
  return made;
}

std::unique_ptr<optim::Optimizer> make_optimizer(const OptimizerOptions& options,
                                                 const std::vector<ParamGroup>& groups,
                                                 const std::vector<double>& rates) {
  const double rate = options.learning_rate, decay = options.weight_decay;
  if (options.name == "adam") {
    const auto common = optim::AdamOptions(rate).weight_decay(decay);
    return std::make_unique<optim::Adam>(make_groups(groups, rates, common), common);
  }
  if (options.name == "adamw") {
    const auto common = optim::AdamWOptions(rate).weight_decay(decay);
    return std::make_unique<optim::AdamW>(make_groups(groups, rates, common), common);
  }
  if (options.name == "sgd") {
    const auto common = optim::SGDOptions(rate).momentum(0.9).weight_decay(decay);
    return std::make_unique<optim::SGD>(make_groups(groups, rates, common), common);
  }
  throw Error(ErrorKind::kUsage, {"no optimizer is called '" + options.name + "'", "--optimizer",
                                  "use adam, adamw or sgd"});
}

}  // namespace

Optimizer::Optimizer(const OptimizerOptions& options, const std::vector<ParamGroup>& groups)
    : impl_(std::make_unique<Impl>()) {
  for (const ParamGroup& group : groups) {
    const auto it = options.group_rates.find(group.name);
    const double factor = it == options.group_rates.end() ? 1.0 : it->second;
    impl_->base_rates.push_back(options.learning_rate * factor);
    impl_->parameters.insert(impl_->parameters.end(), group.tensors.begin(), group.tensors.end());
  }
  impl_->optimizer = make_optimizer(options, groups, impl_->base_rates);
}

Optimizer::~Optimizer() = default;

void Optimizer::set_rate_factor(double factor) {
  auto& groups = impl_->optimizer->param_groups();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i].options().set_lr(impl_->base_rates[i] * factor);
  }
}

void Optimizer::zero_grad() {
  for (at::Tensor& parameter : impl_->parameters) parameter.mutable_grad() = at::Tensor();
}

void Optimizer::step() { impl_->optimizer->step(); }

const std::vector<at::Tensor>& Optimizer::parameters() const { return impl_->parameters; }

std::string Optimizer::save() const {
  torch::serialize::OutputArchive archive;
  impl_->optimizer->save(archive);
  std::ostringstream out;
  archive.save_to(out);
  return out.str();
}

void Optimizer::load(const std::string& bytes) {
  try {
    std::istringstream in(bytes);
    torch::serialize::InputArchive archive;
    archive.load_from(in);
    impl_->optimizer->load(archive);
  } catch (const c10::Error&) {
    throw Error(ErrorKind::kModel,
                {"the state of the optimizer cannot be read", "optimizer.pt",
                 "it is corrupt or of another version of LibTorch; start the run anew"});
  }
}

}  // namespace robiq
