#include "robiq/app/study/file/study_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "robiq/app/run/spec_checks.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/defense/purify/purifier_chain.h"

namespace robiq {

std::string short_spec_name(const std::string& spec, const std::vector<std::string>& all) {
  const auto name_of = [](const std::string& text) { return parse_spec(text, "").name; };
  const std::string name = name_of(spec);
  const auto same = [&](const std::string& other) {
    return other != spec && name_of(other) == name;
  };
  return bounded_stem_of(std::any_of(all.begin(), all.end(), same) ? spec : name);
}

namespace {

/// "gradient-norm:weight=1e-05", and what else tells it from the study's other defenses.
std::string defense_name(const StudyDefense& defense, double weight) {
  if (defense.name == "none") return defense.name;
  std::vector<std::string> parts;
  if (weight >= 0) parts.push_back("weight=" + number_text(weight));
  const auto values = option_values(defense), usual = option_values(StudyDefense{});
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string& key = values[i].first;
    if (key == "name" || key == "weight" || values[i].second == usual[i].second) continue;
    if (key == "weight_scale" && weight < 0) continue;
    parts.push_back(key + "=" + option_text(values[i].second));
  }
  if (parts.empty()) return defense.name;
  std::string name = defense.name;  // the parts belong to gradient-norm, wherever it stands
  const std::size_t place = name.find(kGradientNorm);
  return name.insert(place + std::string(kGradientNorm).size(), ":" + join(parts, ","));
}

void add_subject(const StudyModel& model, const StudyDefense& defense, const std::string& label,
                 std::vector<StudySubject>& subjects) {
  if (defense.name == "none") {
    subjects.push_back({&model, &defense, 0, label, "none"});
    return;
  }
  if (!names_gradient_norm(defense.name, "[[defense]]")) {
    subjects.push_back({&model, &defense, -1, label, defense.name});
    return;
  }
  for (const std::string& text : defense.weight) {
    double weight = 0;
    static_cast<void>(parse_number(text, weight));
    subjects.push_back({&model, &defense, weight, label, defense_name(defense, weight)});
  }
}

AttackGroup& group_of(std::vector<AttackGroup>& groups, const std::string& surrogate,
                      bool transfer) {
  const auto same = [&](const AttackGroup& group) {
    return group.surrogate == surrogate && group.transfer == transfer;
  };
  const auto it = std::find_if(groups.begin(), groups.end(), same);
  if (it != groups.end()) return *it;
  return groups.emplace_back(AttackGroup{surrogate, transfer, {}});
}

}  // namespace

std::vector<StudySubject> study_subjects(const Study& study) {
  std::vector<StudySubject> subjects;
  std::vector<std::string> names;
  for (const StudyModel& model : study.models) {
    if (model.keys.label.empty()) names.push_back(model.keys.name);
  }
  for (const StudyModel& model : study.models) {
    const std::string label = model.keys.label.empty() ? short_spec_name(model.keys.name, names)
                                                       : bounded_stem_of(model.keys.label);
    if (!model.keys.weights.empty()) {
      subjects.push_back({&model, nullptr, 0, label, "given"});
      continue;
    }
    for (const StudyDefense& defense : study.defenses) add_subject(model, defense, label, subjects);
  }
  return subjects;
}

std::vector<StudyPurifier> purifiers_of(const Study& study, const StudySubject& subject) {
  std::vector<StudyPurifier> found = {{}};
  for (const StudyPurify& purify : study.purifiers) {
    const auto& only = purify.defense;
    const std::string defense = subject.defense == nullptr ? "" : subject.defense->name;
    if (!only.empty() && std::find(only.begin(), only.end(), defense) == only.end()) continue;
    for (const std::string& spec : purify.spec) {
      const bool random = make_purifier(spec, "[[purify]]")->card().randomised;
      for (const std::string& adaptive : purify.adaptive) {
        StudyPurifier purifier{spec, adaptive == "true", random ? purify.draws : 0, spec};
        if (random) purifier.name += ", " + std::to_string(purify.draws) + " draws";
        if (!purifier.adaptive) purifier.name += ", not adaptive";
        found.push_back(std::move(purifier));
      }
    }
  }
  return found;
}

namespace {

/// Results name a surrogate by its model.
void check_surrogates(const Study& study) {
  std::map<std::string, std::string> of_model;
  for (const StudyAttack& attack : study.attacks) {
    const std::string& surrogate = attack.keys.surrogate;
    if (surrogate.empty()) continue;
    const std::string model = surrogate.substr(0, surrogate.find(':'));
    const std::string& first = of_model.try_emplace(model, surrogate).first->second;
    if (first == surrogate) continue;
    throw Error(ErrorKind::kUsage,
                {"the surrogates '" + first + "' and '" + surrogate +
                     "' are of one model and could not be told apart in the results",
                 attack.where, "leave one out, or write two studies"});
  }
}

}  // namespace

std::vector<AttackGroup> attack_groups(const Study& study) {
  check_surrogates(study);
  std::vector<AttackGroup> groups;
  std::set<std::string> seen;
  std::vector<std::pair<std::string, const StudyAttack*>> free;
  for (const StudyAttack& attack : study.attacks) {
    const StudyAttackKeys& keys = attack.keys;
    for (const std::string& spec : keys.spec) {
      const std::string key = fmt::format("{} {} {}", spec, keys.surrogate, keys.transfer);
      if (!seen.insert(key).second) {
        throw Error(ErrorKind::kUsage,
                    {"the attack '" + spec + "' is there twice", attack.where, "remove one"});
      }
      const bool with = !keys.surrogate.empty() && asks_surrogate(spec, keys.transfer);
      if (with) {
        group_of(groups, keys.surrogate, keys.transfer).attacks.emplace_back(spec, &attack);
      } else if (asks_surrogate(spec, false)) {  // a black box that asks the victim itself
        group_of(groups, "", false).attacks.emplace_back(spec, &attack);
      } else {
        free.emplace_back(spec, &attack);
      }
    }
  }
  if (free.empty()) return groups;
  const auto plain = [](const AttackGroup& group) { return !group.transfer; };
  auto it = std::find_if(groups.begin(), groups.end(), plain);
  if (it == groups.end()) it = groups.insert(groups.begin(), AttackGroup{});
  it->attacks.insert(it->attacks.begin(), free.begin(), free.end());
  return groups;
}

}  // namespace robiq
