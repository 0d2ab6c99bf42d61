#include <fmt/format.h>

#include <utility>

#include "robiq/app/attack/attack_strength.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/app/run/spec_checks.h"
#include "robiq/app/study/study_planner.h"
#include "robiq/attack/attack.h"
#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

/// Attacks that no option makes stronger cannot be made equally strong.
void check_strengths(const AttackGroup& group) {
  for (const auto& [text, attack] : group.attacks) {
    if (!needs_fitting(text)) static_cast<void>(AttackStrength(text, attack->where));
  }
}

}  // namespace

/// Everything that names the cell.
StudyCell StudyPlanner::evaluation_cell(const Evaluated& of, std::size_t seed_position) const {
  const auto& [subject, data, purifier, group] = of;
  StudyCell cell;
  cell.stage = StudyStage::kEvaluate;
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
std::vector<std::string> StudyPlanner::ready_attacks(const AttackGroup& group,
                                                     std::size_t seed_position,
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

namespace {

/// What the keys of one table cannot know of another.
void check_together(const EvaluateRequest& evaluate) {
  if (evaluate.certificate.any() && evaluate.purifier.any()) {
    throw Error(ErrorKind::kUsage,
                {"a certificate is of the model alone, and [[purify]] puts a purifier before it",
                 "certify", "leave out one of the two"});
  }
  check_label(evaluate.label, "label");
}

}  // namespace

StudyCell StudyPlanner::evaluation(const Evaluated& of, std::size_t seed_position) const {
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
  evaluate.compute.seed = seed(seed_position);
  if (data == study_.train_data()) {
    evaluate.split_file = study_.split_file(seed_position);
  } else {
    evaluate.split = SplitPart::kAll;
  }
  evaluate.label = subject.model->keys.label;
  evaluate.transfer = group.transfer;
  evaluate.purifier.spec = purifier.spec;
  evaluate.adaptive = purifier.adaptive;
  if (purifier.draws > 0) evaluate.purifier.draws = purifier.draws;
  if (!group.surrogate.empty()) {
    set_surrogate(group.surrogate, seed_position, evaluate.surrogate.model,
                  evaluate.surrogate.weights, cell.needs);
  }
  check_together(evaluate);
  evaluate.attack = ready_attacks(group, seed_position, cell.needs);
  if (evaluate.queries > 0) {
    evaluate.attack = bounded_by_queries(evaluate.attack, evaluate.queries);
    evaluate.queries = 0;  // the attacks say it themselves
  }
  if (parse_alignment(evaluate.align)) check_strengths(group);
  cell.request = std::move(evaluate);
  return cell;
}

void StudyPlanner::add_evaluations(std::size_t seed_position) {
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

}  // namespace robiq
