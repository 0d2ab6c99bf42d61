#include "robiq/app/train/training_plan.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/defense/defense_chain.h"
#include "robiq/model/picture_scorer.h"
#include "robiq/train/loss.h"

namespace robiq {

const TrainingRecipe& recipe_for(const ModelCard& card, RecipeSource source) {
  return source == RecipeSource::kOfficial && card.official_recipe ? *card.official_recipe
                                                                   : card.recipe;
}

void fill_from_recipe(TrainRequest& request, const TrainingRecipe& recipe) {
  const auto fill = [](auto& option, const auto& usual) {
    if (!option) option = usual;
  };
  fill(request.loss, recipe.loss);
  fill(request.optimizer, recipe.optimizer);
  fill(request.schedule, recipe.schedule);
  fill(request.nt_choice.batchnorm, recipe.nt_batchnorm);
  fill(request.learning_rate, recipe.learning_rate);
  fill(request.nt_weight, recipe.nt_weight);
  fill(request.weight_decay, recipe.weight_decay);
  fill(request.epochs, recipe.epochs);
  fill(request.first_epochs, request.epochs.value());
  fill(request.batch_size, recipe.batch_size);
}

namespace {

/// The labels that become 0 and 1: those of the whole data set, or of what is trained on.
ScoreScale unit_ends(const Dataset& dataset, const std::vector<std::size_t>& training, bool split) {
  ScoreScale ends = dataset.card().scale;
  if (!split || training.empty()) return ends;
  const auto label = [&](std::size_t index) { return dataset.records()[index].mos; };
  const auto [low, high] = std::ranges::minmax(training | std::views::transform(label));
  return ends.worst < ends.best ? ScoreScale{low, high} : ScoreScale{high, low};
}

}  // namespace

LabelMap label_map(const TrainingRecipe& recipe, const Dataset& dataset,
                   const std::vector<std::size_t>& training) {
  if (recipe.labels == LabelRange::kNative) return {};
  const ScoreScale ends = unit_ends(dataset, training, recipe.labels == LabelRange::kSplitUnit);
  if (ends.worst == ends.best) {
    throw Error(ErrorKind::kData, {"all labels are equal", dataset.card().spec,
                                   "train on pictures with different scores"});
  }
  const double factor = 1 / (ends.best - ends.worst);
  return {factor, -ends.worst * factor};
}

PictureSize picture_size(const TrainingRecipe& recipe, const Dataset& dataset) {
  const auto own = recipe.sizes.find(dataset.card().name);
  const auto found = own == recipe.sizes.end() ? recipe.sizes.find("") : own;
  return found == recipe.sizes.end() ? PictureSize{} : found->second;
}

CropPolicy crop_policy(const TrainingRecipe& recipe, const Dataset& dataset) {
  const PictureSize size = picture_size(recipe, dataset);
  return {.side = recipe.crop_side,
          .per_image = recipe.crops_per_image,
          .flip = recipe.flip,
          .upside_down = recipe.upside_down,
          .exclusive = recipe.exclusive_crops,
          .resize_height = size.height,
          .resize_width = size.width};
}

Phases make_phases(const TrainRequest& request, const TrainingRecipe& recipe, QualityModel& model,
                   const std::function<StepParts(Optimizer&, bool defended)>& step) {
  Phases plan;
  const std::vector<ParamGroup> groups = model.parameter_groups();
  const auto make = [&](const OptimizerOptions& options) -> Optimizer& {
    plan.optimizers.push_back(std::make_unique<Optimizer>(options, groups));
    return *plan.optimizers.back();
  };
  for (const TrainingPhase& first : recipe.first_phases) {
    if (request.first_epochs == 0) break;
    Optimizer& optimizer = make({.kind = first.optimizer,
                                 .learning_rate = first.learning_rate,
                                 .group_rates = recipe.group_rates,
                                 .weight_decay = first.weight_decay});
    TrainPhase phase{.name = first.name, .step = step(optimizer, request.nt_choice.first_phase)};
    phase.epochs = request.first_epochs.value();
    phase.groups = first.groups;
    phase.running_statistics = first.running_statistics;
    plan.phases.push_back(phase);
  }
  Optimizer& optimizer = make({.kind = request.optimizer.value(),
                               .learning_rate = request.learning_rate.value(),
                               .group_rates = recipe.group_rates,
                               .weight_decay = request.weight_decay.value(),
                               .unscheduled = recipe.unscheduled});
  TrainPhase phase{.name = "all", .step = step(optimizer, true)};
  phase.epochs = request.epochs.value();
  phase.schedule.kind = request.schedule.value();
  phase.schedule.every_epochs = recipe.step_epochs;
  phase.first_epoch_only = recipe.first_epoch_only;
  phase.new_optimizer_every_epoch = recipe.new_optimizer_every_epoch;
  plan.phases.push_back(phase);
  return plan;
}

void fit_score_mapping(QualityModel& model, const Dataset& dataset,
                       const std::vector<std::size_t>& training) {
  const ScopedFrozen frozen(model);
  const at::NoGradGuard no_grad;
  const PictureScorer scorer(model);
  std::vector<at::Tensor> outputs;
  std::vector<double> labels;
  for (const std::size_t index : training) {
    const ImageRecord& record = dataset.records()[index];
    const auto [picture, views] = scorer.input(dataset.read(record));
    outputs.push_back(model.training_outputs(cut_views(picture, views)).mean(0, true).cpu());
    labels.push_back(record.mos);
  }
  const LinearMapping mapping = linear_mapping(at::cat(outputs), at::tensor(labels, at::kDouble));
  const TensorMap state = model.state();
  state.at("k").copy_(mapping.k);
  state.at("b").copy_(mapping.b);
}

namespace {

constexpr const char* kFlag = "--defense";
constexpr const char* kFlagPrefix = "nt_";  // of the flags that are options of the NT strategy

std::string gradient_norm_text(const TrainRequest& request) {
  const NtChoice& nt = request.nt_choice;
  const GradientNormShape& shape = nt.shape;
  return fmt::format("{}:weight={},step={},space={},form={},batchnorm={},scale={}", kGradientNorm,
                     request.nt_weight.value(), shape.step, word_of(shape.space),
                     word_of(shape.form), word_of(nt.batchnorm.value()), word_of(shape.scale));
}

}  // namespace

bool names_gradient_norm(const std::string& defense, const std::string& where) {
  if (defense.empty()) return false;
  const std::vector<Spec> members = parse_defenses(defense, where);
  return std::any_of(members.begin(), members.end(),
                     [](const Spec& member) { return member.name == kGradientNorm; });
}

void settle_defense(TrainRequest& request, const Params& given) {
  if (request.defense.empty()) return;
  static_cast<void>(make_defense(request.defense, kFlag));  // every option is checked at once
  for (const Spec& member : parse_defenses(request.defense, kFlag)) {
    if (member.name != kGradientNorm) continue;
    request.nt = true;
    const OptionTable<TrainRequest> table = TrainRequest::options();
    for (const auto& [key, value] : member.params) {
      const std::string name = kFlagPrefix + key;
      if (given.contains(name)) continue;
      const auto option = std::find_if(table.begin(), table.end(),
                                       [&](const auto& entry) { return entry.name == name; });
      if (option == table.end()) continue;
      detail::set_value(*option, value, request);
    }
  }
}

std::string defense_text(const TrainRequest& request) {
  if (request.defense.empty()) return request.nt ? gradient_norm_text(request) : "none";
  std::vector<std::string> members;
  for (const Spec& member : parse_defenses(request.defense, kFlag)) {
    const bool nt = member.name == kGradientNorm;
    members.push_back(nt ? gradient_norm_text(request) : canonical_defense(member.text));
  }
  return join(members, "+");
}

}  // namespace robiq
