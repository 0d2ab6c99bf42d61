#include "robiq/app/study/study_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "robiq/app/attack/attack_strength.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/app/study/file/study_defenses.h"
#include "robiq/app/study/file/study_parts.h"
#include "robiq/app/study/file/study_specs.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/attack/attack.h"
#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

Params merged(Params params, const Params& more) {
  for (const auto& [key, value] : more) params[key] = value;
  return params;
}

/// Attacks that no option makes stronger cannot be made equally strong.
void check_strengths(const AttackGroup& group) {
  for (const auto& [text, attack] : group.attacks) {
    if (!needs_fitting(text)) static_cast<void>(AttackStrength(text, attack->where));
  }
}

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
  const bool asked = std::any_of(study.defenses.begin(), study.defenses.end(),
                                 [](const StudyDefense& one) { return one.first_phase; });
  const bool used = std::any_of(cells.begin(), cells.end(), [](const StudyCell& cell) {
    const auto* const train = std::get_if<TrainRequest>(&cell.request);
    return train != nullptr && train->nt_first_phase;
  });
  if (!asked || used) return;
  throw Error(ErrorKind::kUsage,
              {"'first_phase' has no effect: no model of the study has a phase before the main one",
               study.head.name, "leave it out"});
}

constexpr std::size_t kMostCells = 20'000;

class Planner {
 public:
  Planner(const Study& study, const StudyFolder& folder)
      : study_(study), folder_(folder), seeds_(study.seeds()) {}

  std::vector<StudyCell> plan() {
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

 private:
  template <class Work>
  void for_each_seed(Work work) const {
    for (std::size_t seed_position = 0; seed_position < seeds_.size(); ++seed_position)
      work(seed_position);
  }
  [[nodiscard]] std::int64_t seed(std::size_t seed_position) const { return seeds_[seed_position]; }

  void add_trainings(std::size_t seed_position);
  void add_surrogates(std::size_t seed_position);
  void add_fits(std::size_t seed_position);
  void add_evaluations(std::size_t seed_position);
  /// Whom an evaluation is about, and what it does.
  struct Evaluated {
    const StudySubject& subject;
    const std::string& data;
    const StudyPurifier& purifier;
    const AttackGroup& group;
  };
  [[nodiscard]] StudyCell evaluation(const Evaluated& of, std::size_t seed_position) const;
  [[nodiscard]] StudyCell evaluation_cell(const Evaluated& of, std::size_t seed_position) const;
  [[nodiscard]] std::vector<std::string> ready_attacks(const AttackGroup& group,
                                                       std::size_t seed_position,
                                                       std::vector<std::size_t>& needs) const;
  void share_split(StudyCell& cell, std::string& split_file, std::size_t seed_position) const;
  void set_surrogate(const std::string& text, std::size_t seed_position, std::string& model,
                     std::string& weights, std::vector<std::size_t>& needs) const;
  [[nodiscard]] std::string fit_name(const StudyAttack& attack, std::size_t seed_position) const;
  void add(StudyCell cell);

  const Study& study_;
  const StudyFolder& folder_;
  std::vector<std::int64_t> seeds_;
  std::vector<StudySubject> subjects_;
  std::vector<AttackGroup> groups_;
  std::vector<StudyCell> cells_;
  std::map<std::string, std::size_t> positions_;
  std::set<fs::path> folders_;
};

void Planner::add(StudyCell cell) {
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

void Planner::add_trainings(std::size_t seed_position) {
  for (const StudySubject& subject : subjects_) {
    if (subject.defense == nullptr) continue;
    auto train = read_options<TrainRequest>(merged(study_.train, subject.model->train));
    StudyCell cell;
    cell.stage = "train";
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
    train.seed = seed(seed_position);
    train.split_file = study_.split_file(seed_position);
    train.resume = true;
    set_defense(*subject.defense, subject.weight, train);
    cell.recipe_weight = train.nt_weight >= 0 && subject.defense->weight_scale == "recipe";
    cell.request = std::move(train);
    add(std::move(cell));
  }
}

/// A surrogate has a seed of its own, and must not see the test pictures of the models.
void Planner::share_split(StudyCell& cell, std::string& split_file,
                          std::size_t seed_position) const {
  split_file = study_.split_file(seed_position);
  if (!split_file.empty()) return;
  split_file = folder_.split(seed(seed_position)).string();
  cell.split_of = study_.train_data();
}

std::string surrogate_name(const std::string& text, std::int64_t seed) {
  return fmt::format("surrogate/{}/seed{}", bounded_stem_of(text), seed);
}

void Planner::add_surrogates(std::size_t seed_position) {
  for (const StudyAttack& attack : study_.attacks) {
    const std::string& text = attack.keys.surrogate;
    if (text.empty()) continue;
    const StudySurrogate surrogate = parse_surrogate(text, attack.where);
    StudyCell cell;
    cell.name = surrogate_name(text, seed(seed_position));
    if (!surrogate.weights.empty() || positions_.contains(cell.name)) continue;
    auto train = read_options<TrainRequest>(merged(study_.train, study_.surrogate));
    cell.stage = "surrogate";
    cell.title = fmt::format("{} for seed {}", text, seed(seed_position));
    cell.seed = seed(seed_position);
    train.model = surrogate.model;
    train.data = study_.train_data();
    train.out = folder_.of_cell(cell.name).string();
    train.seed = surrogate.seed;
    train.resume = true;
    share_split(cell, train.split_file, seed_position);
    cell.request = std::move(train);
    add(std::move(cell));
  }
}

void Planner::set_surrogate(const std::string& text, std::size_t seed_position, std::string& model,
                            std::string& weights, std::vector<std::size_t>& needs) const {
  const StudySurrogate surrogate = parse_surrogate(text, "surrogate");
  model = surrogate.model;
  weights = surrogate.weights;
  if (!weights.empty()) return;
  const std::size_t position = positions_.at(surrogate_name(text, seed(seed_position)));
  needs.push_back(position);
  weights = RunFolder(std::get<TrainRequest>(cells_[position].request).out).best().string();
}

/// Attacks with the same surrogate and options of fitting share a perturbation.
std::string Planner::fit_name(const StudyAttack& attack, std::size_t seed_position) const {
  std::string options;
  for (const auto& [key, value] : attack.fit) {
    options += (options.empty() ? "-" : ",") + key + "=" + option_text(value.value);
  }
  return fmt::format("uap/{}/seed{}", bounded_stem_of(attack.keys.surrogate + options),
                     seed(seed_position));
}

void Planner::add_fits(std::size_t seed_position) {
  for (const StudyAttack& attack : study_.attacks) {
    const auto& specs = attack.keys.spec;
    if (std::none_of(specs.begin(), specs.end(), needs_fitting)) continue;
    StudyCell cell;
    cell.name = fit_name(attack, seed_position);
    if (positions_.contains(cell.name)) continue;
    auto fit = read_options<UapRequest>(attack.fit);
    cell.stage = "uap";
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

/// Everything that names the cell.
StudyCell Planner::evaluation_cell(const Evaluated& of, std::size_t seed_position) const {
  const auto& [subject, data, purifier, group] = of;
  StudyCell cell;
  cell.stage = "evaluate";
  cell.data = short_spec_name(data, study_.head.data);
  cell.model = subject.label;
  cell.defense = subject.defense_name;
  cell.surrogate = group.surrogate;
  cell.purifier = purifier.name;
  cell.seed = seed(seed_position);
  std::string with;
  if (!purifier.spec.empty()) {
    with =
        "/" + bounded_stem_of(purifier.spec +
                              (purifier.draws > 0 ? fmt::format("-{}-draws", purifier.draws) : "") +
                              (purifier.adaptive ? "" : "-not-adaptive"));
  }
  if (groups_.size() > 1 && !group.surrogate.empty()) {
    with += "/" + bounded_stem_of((group.transfer ? "transfer-" : "with-") + group.surrogate);
  }
  cell.name = fmt::format("evaluate/{}/{}/{}{}/seed{}", cell.data, subject.label,
                          subject.defense_name, with, seed(seed_position));
  cell.title = fmt::format("{} {}{} on {} seed {}", subject.label, subject.defense_name,
                           purifier.name.empty() ? "" : " behind " + purifier.name, cell.data,
                           seed(seed_position));
  return cell;
}

/// What stands for the group's attacks, with the perturbations that were fitted for them.
std::vector<std::string> Planner::ready_attacks(const AttackGroup& group, std::size_t seed_position,
                                                std::vector<std::size_t>& needs) const {
  std::vector<std::string> ready;
  for (const auto& [text, attack] : group.attacks) {
    if (!needs_fitting(text)) {
      ready.push_back(text);
      continue;
    }
    const std::size_t fit = positions_.at(fit_name(*attack, seed_position));
    needs.push_back(fit);
    const Spec spec = Registry<Attack>::instance().parse(text, "spec");
    ready.push_back(
        spec_text(spec.name, std::get<UapRequest>(cells_[fit].request).out, spec.params));
  }
  return ready;
}

StudyCell Planner::evaluation(const Evaluated& of, std::size_t seed_position) const {
  const auto& [subject, data, purifier, group] = of;
  StudyCell cell = evaluation_cell(of, seed_position);
  auto evaluate = read_options<EvaluateRequest>(merged(study_.evaluate, subject.model->evaluate));
  evaluate.model = subject.model->keys.name;
  evaluate.weights = subject.model->keys.weights;
  if (subject.defense != nullptr) {
    const std::size_t training = positions_.at(fmt::format(
        "train/{}/{}/seed{}", subject.label, subject.defense_name, seed(seed_position)));
    cell.needs.push_back(training);
    evaluate.weights =
        RunFolder(std::get<TrainRequest>(cells_[training].request).out).best().string();
  }
  evaluate.data = data;
  evaluate.out = folder_.path().string();
  evaluate.seed = seed(seed_position);
  if (data == study_.train_data()) {
    evaluate.split_file = study_.split_file(seed_position);
  } else {
    evaluate.split = "all";
  }
  evaluate.label = subject.model->keys.label;
  evaluate.transfer = group.transfer;
  evaluate.purify = purifier.spec;
  evaluate.adaptive = purifier.adaptive;
  if (purifier.draws > 0) evaluate.draws = purifier.draws;
  if (!group.surrogate.empty()) {
    set_surrogate(group.surrogate, seed_position, evaluate.surrogate, evaluate.surrogate_weights,
                  cell.needs);
  }
  evaluate.attack = ready_attacks(group, seed_position, cell.needs);
  if (evaluate.queries > 0) {
    evaluate.attack = bounded_by_queries(evaluate.attack, evaluate.queries);
    evaluate.queries = 0;  // the attacks say it themselves
  }
  if (parse_alignment(evaluate.align)) check_strengths(group);
  cell.request = std::move(evaluate);
  return cell;
}

void Planner::add_evaluations(std::size_t seed_position) {
  for (const std::string& data : study_.head.data) {
    for (const StudySubject& subject : subjects_) {
      // Weights that are given were trained once: another seed would be another split only.
      if (subject.defense == nullptr && seed_position > 0) continue;
      for (const StudyPurifier& purifier : purifiers_of(study_, subject)) {
        for (const AttackGroup& group : groups_) {
          add(evaluation({subject, data, purifier, group}, seed_position));
        }
      }
    }
  }
}

}  // namespace

fs::path StudyFolder::of_cell(const std::string& cell) const {
  std::string name = cell;
  std::replace(name.begin(), name.end(), ':', '-');
  return path_ / name;
}

fs::path StudyFolder::split(std::int64_t seed) const {
  return path_ / "splits" / fmt::format("seed{}.csv", seed);
}

std::vector<StudyCell> plan_study(const Study& study, const StudyFolder& folder) {
  return Planner(study, folder).plan();
}

std::string cell_options(const StudyCell& cell) {
  const std::string options = std::visit(
      [](const auto& request) { return toml_text(option_values(request)); }, cell.request);
  return options + (cell.recipe_weight ? "weights of the recipe\n" : "");
}

}  // namespace robiq
