#include "robiq/model/quality_model.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <sstream>

#include "robiq/core/error.h"
#include "robiq/tensor/image_batch.h"

namespace robiq {

template <>
Registry<QualityModel>& Registry<QualityModel>::instance() {
  static Registry<QualityModel> the_registry;
  return the_registry;
}

void QualityModel::set_scale(const ScoreScale& scale) {
  if (scale.worst == scale.best) {
    throw Error(ErrorKind::kModel, {"a score scale from " + number_text(scale.worst) + " to " +
                                        number_text(scale.best) + " has no length",
                                    card_.name, "give two different ends with --scale WORST:BEST"});
  }
  card_.scale = scale;
}

void QualityModel::check_input(const at::Tensor& images) const {
  check_images(images, card_.name, scalar_type());
  const std::int64_t least = std::min(images.size(2), images.size(3));
  const std::string size = std::to_string(images.size(3)) + "x" + std::to_string(images.size(2));
  if (card_.fixed_side && (least != card_.min_side || images.size(2) != images.size(3))) {
    const std::string side = std::to_string(card_.min_side);
    throw Error(ErrorKind::kData, {"an input of " + size + " is not what the model takes",
                                   card_.name, "cut views of " + side + "x" + side + " pixels"});
  }
  if (least >= card_.min_side) return;
  throw Error(ErrorKind::kData, {"a picture of " + size + " is too small", card_.name,
                                 "both sides must have at least " + std::to_string(card_.min_side) +
                                     " pixels; --fit enlarges"});
}

at::Tensor QualityModel::score(const at::Tensor& images) {
  check_input(images);
  at::Tensor scores = forward(images);
  if (scores.dim() == 2 && scores.size(1) == 1) scores = scores.squeeze(1);
  if (scores.dim() != 1 || scores.size(0) != images.size(0)) {
    std::ostringstream got;
    got << "the model returned " << scores.sizes() << " for " << images.size(0) << " pictures";
    throw Error(ErrorKind::kModel, {got.str(), card_.name, "it must return one score a picture"});
  }
  return scores;
}

at::Tensor QualityModel::training_outputs(const at::Tensor& images) {
  check_input(images);
  return forward_training(images);
}

at::Tensor QualityModel::forward_training(const at::Tensor& images) {
  return forward(images).reshape({images.size(0), 1});
}

namespace {

at::Tensor channel_row(const std::array<double, 3>& values, const at::Tensor& like) {
  return at::tensor({values[0], values[1], values[2]}, at::kDouble)
      .to(like.device(), like.scalar_type())
      .view({1, 3, 1, 1});
}

std::string shape_text(const at::Tensor& tensor) {
  std::ostringstream out;
  out << tensor.sizes();
  return out.str();
}

}  // namespace

at::Tensor QualityModel::normalized(const at::Tensor& images) const {
  return (images - channel_row(card_.mean, images)) / channel_row(card_.stddev, images);
}

at::Tensor stddev_like(const ModelCard& card, const at::Tensor& images) {
  return channel_row(card.stddev, images);
}

namespace {

bool ends_with_any(const std::string& name, const std::vector<std::string>& endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](const std::string& ending) { return name.ends_with(ending); });
}

/// How a file's tensors differ from what a model wants.
struct Misfit {
  std::vector<std::string> missing, left_over, misshapen, contradicting;

  [[nodiscard]] std::string text() const {
    std::string what;
    const auto list = [&what](const char* title, const std::vector<std::string>& names) {
      constexpr std::size_t kShown = 5;
      if (names.empty()) return;
      const auto shown = static_cast<std::ptrdiff_t>(std::min(names.size(), kShown));
      what += std::string("; ") + title + " (" + std::to_string(names.size()) +
              "): " + join({names.begin(), names.begin() + shown}, ", ") +
              (names.size() > kShown ? ", ..." : "");
    };
    list("missing", missing);
    list("left over", left_over);
    list("misshapen", misshapen);
    list("not the constants they must be", contradicting);
    return what;
  }
};

Misfit compare(const TensorMap& own, const TensorMap& given, const ModelCard& card) {
  Misfit misfit;
  for (const auto& [name, tensor] : own) {
    const auto it = given.find(name);
    const bool constant = ends_with_any(name, card.constant_names);
    if (it == given.end()) {
      const bool may_lack = constant || name.ends_with("num_batches_tracked") ||
                            ends_with_any(name, card.optional_names);
      if (!may_lack) misfit.missing.push_back(name);
    } else if (it->second.sizes() != tensor.sizes()) {
      misfit.misshapen.push_back(name + " is " + shape_text(it->second) + ", wanted " +
                                 shape_text(tensor));
    } else if (constant && !at::equal(it->second.to(tensor.options()), tensor)) {
      misfit.contradicting.push_back(name);
    }
  }
  for (const auto& [name, tensor] : given) {
    if (!own.contains(name)) misfit.left_over.push_back(name);
  }
  return misfit;
}

}  // namespace

void QualityModel::load_state(const TensorMap& tensors) {
  const TensorMap own = state();
  const std::string problem = compare(own, tensors, card_).text();
  if (!problem.empty()) {
    throw Error(ErrorKind::kModel,
                {"the weights do not fit" + problem, card_.name,
                 "give weights that were saved from this model with the same options"});
  }
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor& to = own.at(name);
    if (to.unsafeGetTensorImpl() != tensor.unsafeGetTensorImpl()) to.copy_(tensor);
  }
}

void QualityModel::convert_to(at::ScalarType type) {
  for (const auto& [name, tensor] : state()) {
    if (tensor.is_floating_point()) tensor.set_data(tensor.detach().to(type));
  }
  type_ = type;
}

ScopedFrozen::ScopedFrozen(QualityModel& model) : model_(model), was_training_(model.training()) {
  model.set_training(false);
  for (const ParamGroup& group : model.parameter_groups()) {
    for (const at::Tensor& tensor : group.tensors) {
      required_grad_.emplace_back(tensor, tensor.requires_grad());
      tensor.requires_grad_(false);
    }
  }
}

ScopedFrozen::~ScopedFrozen() {
  for (const auto& [tensor, required] : required_grad_) tensor.requires_grad_(required);
  model_.set_training(was_training_);
}

}  // namespace robiq
