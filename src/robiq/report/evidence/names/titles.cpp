#include "robiq/report/evidence/names/titles.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "robiq/core/options/params.h"
#include "robiq/core/text/text.h"
#include "robiq/report/render/render.h"

namespace robiq {
namespace {

using Names = std::map<std::string, std::string>;

/// Of "gradient-norm:weight=0.001".
Names options_of_defense(const std::string& defense) {
  Names values;
  for (const auto& [name, given] : parse_spec(defense, "defense").params) {
    values[name] = option_text(given.value);
  }
  return values;
}

std::string option_of_defense(const std::string& defense, const std::string& name) {
  const Names values = options_of_defense(defense);
  const auto place = values.find(name);
  return place == values.end() ? "" : place->second;
}

/// Cards of NT that were written before cards noted strengths: the text of the defense says it.
DefenseStrength older_strength(const std::string& defense) {
  constexpr const char* kName = "gradient-norm";
  if (!defense.starts_with(kName) || defense.find('+') != std::string::npos) return {};
  DefenseStrength strength{"NT", "weight", "λ"};
  static_cast<void>(parse_number(option_of_defense(defense, strength.option), strength.value));
  return strength;
}

/// Options in which twins of one model under one defense differ, by the defense's name.
std::map<std::string, std::set<std::string>> differing_options(
    const std::vector<Subject>& subjects) {
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<Names>> twins;
  std::map<std::string, std::set<std::string>> differing;
  for (const Subject& subject : subjects) {
    const DefenseStrength strength = strength_of(subject);
    if (!strength.known()) continue;
    Names values = options_of_defense(subject.defense);
    values.emplace(strength.option, strength_text(subject));  // of a default the text is silent
    twins[{subject.run, subject.model, defense_name(subject)}].push_back(values);
  }
  for (const auto& [key, options] : twins) {
    std::set<std::string> names;
    for (const Names& values : options) {
      for (const auto& [name, value] : values) names.insert(name);
    }
    for (const std::string& name : names) {
      const auto is_other = [&](const Names& values) {
        return values.contains(name) != options[0].contains(name) ||
               (values.contains(name) && values.at(name) != options[0].at(name));
      };
      if (std::any_of(options.begin(), options.end(), is_other)) {
        differing[std::get<2>(key)].insert(name);
      }
    }
  }
  return differing;
}

}  // namespace

std::string defense_name(const Subject& subject) {
  return subject.defense.substr(0, subject.defense.find(':'));
}

std::tuple<bool, bool, std::string, double, std::string> order_of_defense(const Subject& subject) {
  const double strength = strength_of(subject).value;
  const bool unknown = std::isnan(strength);
  const bool named = !unknown && !subject.baseline();
  return {!subject.baseline(), unknown, named ? defense_name(subject) : "", unknown ? 0 : strength,
          subject.defense};
}

DefenseStrength strength_of(const Subject& subject) {
  if (subject.baseline()) return {"", "", "", 0};
  return subject.strength.known() ? subject.strength : older_strength(subject.defense);
}

std::string strength_text(const Subject& subject) {
  return fmt::format("{:.6g}", strength_of(subject).value);
}

Titles::Titles(const Evidence& evidence)
    : model_titles_(evidence.model_titles), defense_titles_(evidence.defense_titles) {
  find_differences(evidence);
  const std::set<std::string> whole = all_titles(evidence);
  for (const int digits : {4, 6, 9}) {
    digits_ = digits;
    if (all_titles(evidence).size() == whole.size()) return;
  }
  digits_ = kAllDigits;
}

std::set<std::string> Titles::all_titles(const Evidence& evidence) const {
  std::set<std::string> titles;
  for (const Subject& subject : evidence.subjects()) {
    titles.insert(model(subject) + "\n" + defense(subject));
  }
  for (const std::string& dataset : evidence.datasets()) {
    for (const Situation& situation : evidence.attacks(dataset)) {
      titles.insert(attack(situation) + "\n" + surrogate(situation));
    }
  }
  return titles;
}

std::string Titles::shortened(const std::string& text) const {
  return digits_ == kAllDigits ? text : with_short_numbers(text, digits_);
}

void Titles::find_differences(const Evidence& evidence) {
  differing_in_defense_ = differing_options(evidence.subjects());
  for (const Subject& subject : evidence.subjects()) {
    if (subject.strength.known()) strengths_[subject.defense] = subject.strength;
  }
  std::map<std::string, std::map<std::string, std::set<std::string>>> values;
  std::map<std::string, std::map<std::string, std::size_t>> having;  // an option, by the attack
  std::map<std::string, std::size_t> situations;
  for (const std::string& dataset : evidence.datasets()) {
    for (const Situation& situation : evidence.attacks(dataset)) {
      for (const auto& [key, value] : situation.options.values()) {
        values[situation.attack][key].insert(value);
        ++having[situation.attack][key];
      }
      ++situations[situation.attack];
      levels_[situation.attack].insert(situation.level);
      surrogates_[situation.attack].insert(situation.surrogate + " " + situation.surrogate_defense);
    }
  }
  for (const auto& [attack, options] : values) {
    for (const auto& [key, found] : options) {
      const bool some_lack_it = having[attack][key] < situations[attack];
      if (found.size() > 1 || some_lack_it) differing_[attack].insert(key);
    }
  }
}

std::string Titles::model_title(const std::string& model) const {
  // "cnniqa:filters=8 | jpeg:quality=50" stands behind a purifier.
  const std::size_t bar = model.find(" | ");
  if (bar != std::string::npos) return model_title(model.substr(0, bar)) + model.substr(bar);
  const std::size_t colon = model.find(':');
  const std::string name = model.substr(0, colon);
  const auto noted = model_titles_.find(name);
  const std::string title = noted == model_titles_.end() ? name : noted->second;
  return colon == std::string::npos ? title : title + " " + model.substr(colon + 1);
}

std::string Titles::model(const Subject& subject) const {
  const std::string title = shortened(model_title(subject.model));
  return subject.run.empty() ? title : title + " (" + subject.run + ")";
}

std::string Titles::defense(const Subject& subject) const {
  if (subject.baseline()) return "base";
  Subject shown = subject;  // a surrogate's is known by its text alone
  if (const auto noted = strengths_.find(subject.defense); noted != strengths_.end()) {
    shown.strength = noted->second;
  }
  const DefenseStrength strength = strength_of(shown);
  if (!strength.known()) {
    const auto title = defense_titles_.find(subject.defense);
    return shortened(title == defense_titles_.end() ? subject.defense : "+" + title->second);
  }
  std::string title = "+" + strength.title;
  const auto differing = differing_in_defense_.find(defense_name(subject));
  if (differing == differing_in_defense_.end()) return title;
  if (differing->second.contains(strength.option)) title += " " + strength_text(shown);
  for (const std::string& key : differing->second) {
    const std::string value = option_of_defense(subject.defense, key);
    if (key != strength.option && !value.empty()) title += shortened(" " + key + "=" + value);
  }
  return title;
}

std::string Titles::differing_text(const Situation& situation) const {
  const auto keys = differing_.find(situation.attack);
  if (keys == differing_.end()) return "";
  std::string text;
  const Names& values = situation.options.values();
  for (const std::string& key : keys->second) {
    if (const auto value = values.find(key); value != values.end()) {
      text += " " + key + "=" + value->second;
    }
  }
  return shortened(text);
}

std::string Titles::attack_name(const Situation& situation) {
  return situation.card.title.empty() ? situation.attack : situation.card.title;
}

std::string Titles::attack_with_options(const Situation& situation) const {
  return attack_name(situation) + differing_text(situation);
}

std::string Titles::attack(const Situation& situation) const {
  std::string title = attack_name(situation);
  if (is_black_box(situation)) title += "*";
  title += differing_text(situation);
  if (const auto place = levels_.find(situation.attack);
      place != levels_.end() && place->second.size() > 1) {
    title += ", " + situation.level;
  }
  if (const auto place = surrogates_.find(situation.attack);
      place != surrogates_.end() && place->second.size() > 1 && !situation.surrogate.empty()) {
    title += " from " + surrogate(situation);
  }
  return title;
}

std::string Titles::surrogate(const Situation& situation) const {
  if (situation.surrogate.empty()) return "";
  const std::string title = shortened(model_title(situation.surrogate));
  if (situation.surrogate_defense.empty()) return title + " (surrogate)";
  return title + " " + defense({"", situation.surrogate, situation.surrogate_defense});
}

About Titles::about(const Subject& subject) const { return {model(subject), defense(subject), ""}; }

About Titles::about(const Subject& subject, const Situation& situation) const {
  return {model(subject), defense(subject), attack(situation)};
}

}  // namespace robiq
