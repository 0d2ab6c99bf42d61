#include "robiq/report/evidence/attack_sets.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "robiq/core/text/text.h"

namespace robiq {
namespace {

/// Every situation with members, and their names.
std::map<Situation, std::set<std::string>> members_by_situation(const Evidence& evidence,
                                                                const std::string& dataset) {
  std::map<Situation, std::set<std::string>> members;
  const std::string prefix = kWinsMeasure;
  for (const auto& [key, found] : evidence.measures) {
    if (key.situation.dataset != dataset || !key.measure.starts_with(prefix)) continue;
    members[key.situation].insert(key.measure.substr(prefix.size()));
  }
  return members;
}

/// Where a set was measured for a model: folders and runs.
std::set<std::pair<std::string, std::int64_t>> runs_of(const Evidence& evidence,
                                                       const AttackSet& set,
                                                       const Subject& subject) {
  std::set<std::pair<std::string, std::int64_t>> runs;
  for (const auto& [key, by_seed] : evidence.measures) {
    if (key.subject != subject || key.situation.attack != set.common.attack ||
        key.situation.dataset != set.common.dataset) {
      continue;
    }
    for (const auto& [seed, found] : by_seed) runs.emplace(found.folder, found.run);
  }
  return runs;
}

/// Whether a flag is of the set at the budget of `attack`, or at any where that is null. A set that
/// was evaluated at one budget names it in its flags: "standard:budget=4/255".
bool is_of(const FlagRow& flag, const AttackSet& set, const Situation* attack) {
  const std::string& name = set.common.attack;
  if (flag.attack == name) return true;
  if (attack == nullptr) return flag.attack.starts_with(name + ":");
  return flag.attack == name + ":" + attack->options.text();
}

/// The one word in which `other` differs from `text`; all of `other` where they differ in more.
std::string differing(const std::string& text, const std::string& other) {
  const std::vector<std::string> words = split(text, ' '), others = split(other, ' ');
  if (words.size() != others.size()) return other;
  std::string found;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == others[i]) continue;
    if (!found.empty()) return other;
    found = others[i];
  }
  return found;
}

}  // namespace

std::vector<AttackSet> attack_sets(const Evidence& evidence, const std::string& dataset) {
  const auto members = members_by_situation(evidence, dataset);
  std::vector<AttackSet> sets;
  for (const Situation& attack : evidence.attacks(dataset)) {
    const auto names = members.find(attack);
    double budget = 0;
    if (names == members.end() || !parse_fraction(attack.options.value("budget"), budget)) continue;
    Situation common = attack;
    common.options = attack.options.without("budget");
    auto place = std::find_if(sets.begin(), sets.end(),
                              [&](const AttackSet& set) { return set.common == common; });
    if (place == sets.end()) place = sets.insert(place, {common, {}, {}});
    place->budgets.push_back({budget, attack});
    for (const std::string& name : names->second) {
      if (std::find(place->members.begin(), place->members.end(), name) == place->members.end()) {
        place->members.push_back(name);
      }
    }
  }
  for (AttackSet& set : sets) {
    std::sort(set.budgets.begin(), set.budgets.end(),
              [](const BudgetOfSet& a, const BudgetOfSet& b) { return a.budget < b.budget; });
    std::sort(set.members.begin(), set.members.end());
  }
  return sets;
}

SetDoubts doubts_about(const Evidence& evidence, const AttackSet& set, const Subject& subject,
                       const Situation* attack) {
  const auto runs = runs_of(evidence, set, subject);
  SetDoubts doubts;
  std::map<std::string, std::vector<std::string>> said;  // by name
  for (const FoundFlag& flag : evidence.flags) {
    if (flag.trained.subject != subject || !is_of(flag.row, set, attack) ||
        !runs.contains({flag.folder, flag.run})) {
      continue;
    }
    const bool refuses = flag.row.severity == Severity::kRefused;
    const std::string name = flag.row.flag + (refuses ? " (refused)" : "");
    doubts.refused = doubts.refused || refuses;
    std::vector<std::string>& texts = said[name];
    if (texts.empty()) doubts.names.push_back(name);
    if (std::ranges::find(texts, flag.row.text) == texts.end()) texts.push_back(flag.row.text);
  }
  for (const std::string& name : doubts.names) {
    const std::vector<std::string>& texts = said[name];
    std::string text = name + ": " + texts.front();
    for (std::size_t i = 1; i < texts.size(); ++i) {  // of other seeds, or at other budgets
      text += (i == 1 ? "; elsewhere " : ", ") + differing(texts.front(), texts[i]);
    }
    doubts.texts.push_back(std::move(text));
  }
  return doubts;
}

std::set<std::pair<Situation, Subject>> refused_numbers(const Evidence& evidence) {
  std::set<std::pair<Situation, Subject>> refused;
  const auto refuses = [](const FoundFlag& flag) {
    return flag.row.severity == Severity::kRefused;
  };
  if (std::ranges::none_of(evidence.flags, refuses)) return refused;
  for (const std::string& dataset : evidence.datasets()) {
    const std::vector<Subject> subjects = evidence.subjects(dataset);
    for (const AttackSet& set : attack_sets(evidence, dataset)) {
      for (const auto& [budget, situation] : set.budgets) {
        for (const Subject& subject : subjects) {
          if (doubts_about(evidence, set, subject, &situation).refused) {
            refused.emplace(situation, subject);
          }
        }
      }
    }
  }
  return refused;
}

}  // namespace robiq
