#include "robiq/app/study/study_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "robiq/app/attack/attack_strength.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/app/run/spec_checks.h"
#include "robiq/app/study/file/study_defenses.h"
#include "robiq/app/study/file/study_surrogate.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/attack/attack.h"
#include "robiq/core/files/files.h"
#include "robiq/core/options/params.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

/// A bound that bounds nothing is refused, of the whole study.
void check_queries(const Study& study, const std::vector<AttackGroup>& groups) {
  const auto queries = read_options<EvaluateRequest>(study.evaluate).queries;
  if (queries == 0) return;
  std::vector<std::string> attacks;
  for (const AttackGroup& group : groups) {
    for (const auto& [text, attack] : group.attacks) attacks.push_back(text);
  }
  static_cast<void>(with_queries(attacks, queries));
}

/// A key that changes none of the study's models is refused.
void check_first_phases(const std::vector<StudyCell>& cells, const Study& study) {
  const bool asked =
      std::any_of(study.defenses.begin(), study.defenses.end(),
                  [](const StudyDefense& defense) { return defense.nt.first_phase; });
  const bool used = std::any_of(cells.begin(), cells.end(), [](const StudyCell& cell) {
    const auto* const train = std::get_if<TrainRequest>(&cell.request);
    return train != nullptr && train->nt_choice.first_phase;
  });
  if (!asked || used) return;
  throw Error(ErrorKind::kUsage,
              {"'first_phase' has no effect: no model of the study has a phase before the main one",
               study.head.name, "leave it out"});
}

constexpr std::size_t kMostCells = 20'000;

std::string surrogate_name(const std::string& text, std::int64_t seed) {
  return fmt::format("surrogate/{}/seed{}", bounded_stem_of(text), seed);
}

}  // namespace

Params merged(Params params, const Params& more) {
  for (const auto& [key, value] : more) params[key] = value;
  return params;
}

std::vector<StudyCell> StudyPlanner::plan() {
  subjects_ = study_subjects(study_);
  groups_ = attack_groups(study_);
  check_queries(study_, groups_);
  for_each_seed([&](std::size_t seed_position) { add_trainings(seed_position); });
  check_first_phases(cells_, study_);
  for_each_seed([&](std::size_t seed_position) { add_surrogates(seed_position); });
  for_each_seed([&](std::size_t seed_position) { add_fits(seed_position); });
  for_each_seed([&](std::size_t seed_position) { add_evaluations(seed_position); });
  return std::move(cells_);
}

void StudyPlanner::add(StudyCell cell) {
  if (cells_.size() >= kMostCells) {
    throw Error(ErrorKind::kUsage,
                {fmt::format("the study has more than {} cells", kMostCells), study_.head.name,
                 "give fewer seeds, models, defenses or data sets, or make several studies of it"});
  }
  const bool new_name = positions_.emplace(cell.name, cells_.size()).second;
  if (!new_name || !folders_.insert(folder_.of_cell(cell.name)).second) {
    throw Error(ErrorKind::kUsage, {"the study has two cells '" + cell.name + "'", study_.head.name,
                                    "remove one of two equal entries, or give models a label"});
  }
  cells_.push_back(std::move(cell));
}

void StudyPlanner::add_trainings(std::size_t seed_position) {
  for (const StudySubject& subject : subjects_) {
    if (subject.defense == nullptr) continue;
    auto train = read_options<TrainRequest>(merged(study_.train, subject.model->train));
    StudyCell cell;
    cell.stage = StudyStage::kTrain;
    cell.name =
        fmt::format("train/{}/{}/seed{}", subject.label, subject.defense_name, seed(seed_position));
    cell.title =
        fmt::format("{} {} seed {}", subject.label, subject.defense_name, seed(seed_position));
    cell.model = subject.label;
    cell.model_label = subject.model->keys.label;
    cell.defense = subject.defense_name;
    cell.seed = seed(seed_position);
    train.model = subject.model->keys.name;
    train.data = study_.train_data();
    train.out = folder_.of_cell(cell.name).string();
    train.compute.seed = seed(seed_position);
    train.split_file = study_.split_file(seed_position);
    train.resume = true;
    set_defense(*subject.defense, subject.weight, train);
    cell.recipe_weight = train.nt_weight.has_value() && subject.defense->weight_scale == "recipe";
    cell.request = std::move(train);
    add(std::move(cell));
  }
}

/// A surrogate has a seed of its own, and must not see the test pictures of the models.
void StudyPlanner::share_split(StudyCell& cell, std::string& split_file,
                               std::size_t seed_position) const {
  split_file = study_.split_file(seed_position);
  if (!split_file.empty()) return;
  split_file = folder_.split(seed(seed_position)).string();
  cell.split_of = study_.train_data();
}

void StudyPlanner::add_surrogates(std::size_t seed_position) {
  for (const StudyAttack& attack : study_.attacks) {
    const std::string& text = attack.keys.surrogate;
    if (text.empty()) continue;
    const StudySurrogate surrogate = parse_surrogate(text, attack.where);
    StudyCell cell;
    cell.name = surrogate_name(text, seed(seed_position));
    if (!surrogate.weights.empty() || positions_.contains(cell.name)) continue;
    auto train = read_options<TrainRequest>(merged(study_.train, study_.surrogate));
    cell.stage = StudyStage::kSurrogate;
    cell.title = fmt::format("{} for seed {}", text, seed(seed_position));
    cell.seed = seed(seed_position);
    train.model = surrogate.model;
    train.data = study_.train_data();
    train.out = folder_.of_cell(cell.name).string();
    train.compute.seed = surrogate.seed.value();
    train.resume = true;
    share_split(cell, train.split_file, seed_position);
    cell.request = std::move(train);
    add(std::move(cell));
  }
}

void StudyPlanner::set_surrogate(const std::string& text, std::size_t seed_position,
                                 std::string& model, std::string& weights,
                                 std::vector<std::size_t>& needs) const {
  const StudySurrogate surrogate = parse_surrogate(text, "surrogate");
  model = surrogate.model;
  weights = surrogate.weights;
  if (!weights.empty()) return;
  const std::size_t position = positions_.at(surrogate_name(text, seed(seed_position)));
  needs.push_back(position);
  weights = RunFolder(std::get<TrainRequest>(cells_[position].request).out).best().string();
}

/// Attacks with the same surrogate and options of fitting share a perturbation.
std::string StudyPlanner::fit_name(const StudyAttack& attack, std::size_t seed_position) const {
  std::string options;
  for (const auto& [key, value] : attack.fit) {
    options += (options.empty() ? "-" : ",") + key + "=" + option_text(value.value);
  }
  return fmt::format("uap/{}/seed{}", bounded_stem_of(attack.keys.surrogate + options),
                     seed(seed_position));
}

void StudyPlanner::add_fits(std::size_t seed_position) {
  for (const StudyAttack& attack : study_.attacks) {
    const auto& specs = attack.keys.spec;
    if (std::none_of(specs.begin(), specs.end(), needs_fitting)) continue;
    StudyCell cell;
    cell.name = fit_name(attack, seed_position);
    if (positions_.contains(cell.name)) continue;
    auto fit = read_options<UapRequest>(attack.fit);
    cell.stage = StudyStage::kUap;
    cell.title = fmt::format("on {} for seed {}", attack.keys.surrogate, seed(seed_position));
    cell.seed = seed(seed_position);
    set_surrogate(attack.keys.surrogate, seed_position, fit.model, fit.weights, cell.needs);
    fit.data = study_.train_data();
    fit.out = folder_.of_cell(cell.name).string() + ".safetensors";
    fit.seed = seed(seed_position);
    share_split(cell, fit.split_file, seed_position);
    cell.request = std::move(fit);
    add(std::move(cell));
  }
}

std::vector<StudyCell> plan_study(const Study& study, const StudyFolder& folder) {
  return StudyPlanner(study, folder).plan();
}

std::string cell_options(const StudyCell& cell) {
  const std::string options = std::visit(
      [](const auto& request) {
        auto values = option_values(request);
        std::ranges::sort(values, {}, &decltype(values)::value_type::first);
        return toml_text(values);
      },
      cell.request);
  return options + (cell.recipe_weight ? "weights of the recipe\n" : "");
}

}  // namespace robiq
