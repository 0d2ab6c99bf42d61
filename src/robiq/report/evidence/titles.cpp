#include "robiq/report/evidence/titles.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "robiq/core/options/params.h"
#include "robiq/core/text/text.h"
#include "robiq/report/render/render.h"
#include "robiq/store/defended_name.h"

namespace robiq {
namespace {

using Names = std::map<std::string, std::string>;

/// As their papers write them.
const Names& model_names() {
  static const Names kNames{{"cnniqa", "CNNIQA"}, {"hyperiqa", "HyperIQA"},
                            {"dbcnn", "DBCNN"},   {"linearityiqa", "LinearityIQA"},
                            {"maniqa", "MANIQA"}, {"korhonen-substitute", "Kor. substitute"}};
  return kNames;
}
std::string named(const Names& names, const std::string& name) {
  const auto place = names.find(name);
  return place == names.end() ? name : place->second;
}

/// "cnniqa:filters=8" as "CNNIQA filters=8".
std::string model_title(const std::string& model) {
  DefendedName name = DefendedName::parse(model);
  if (!name.purifier.empty()) {
    name.model = model_title(name.model);
    return name.text();
  }
  const std::size_t colon = model.find(':');
  const std::string title = named(model_names(), model.substr(0, colon));
  return colon == std::string::npos ? title : title + " " + model.substr(colon + 1);
}

/// NT alone, whose weight is the lambda of tables and figures.
bool is_gradient_norm(const Subject& subject) {
  return subject.defense.starts_with("gradient-norm") &&
         subject.defense.find('+') == std::string::npos;
}

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

/// Options in which +NT twins of one model differ.
std::set<std::string> differing_options(const std::vector<Subject>& subjects) {
  std::map<std::pair<std::string, std::string>, std::vector<Names>> twins;
  std::set<std::string> keys, differing;
  for (const Subject& subject : subjects) {
    if (!is_gradient_norm(subject)) continue;
    const Names values = options_of_defense(subject.defense);
    for (const auto& [key, value] : values) keys.insert(key);
    twins[{subject.run, subject.model}].push_back(values);
  }
  for (const auto& [model, options] : twins) {
    for (const std::string& key : keys) {
      const auto is_other = [&](const Names& values) {
        return values.contains(key) != options[0].contains(key) ||
               (values.contains(key) && values.at(key) != options[0].at(key));
      };
      if (std::any_of(options.begin(), options.end(), is_other)) differing.insert(key);
    }
  }
  return differing;
}

}  // namespace

std::tuple<bool, bool, double, std::string> order_of_defense(const Subject& subject) {
  const double weight = nt_weight(subject);
  return {!subject.baseline(), std::isnan(weight), std::isnan(weight) ? 0 : weight,
          subject.defense};
}

double nt_weight(const Subject& subject) {
  if (subject.baseline()) return 0;
  double weight = std::numeric_limits<double>::quiet_NaN();
  if (is_gradient_norm(subject)) {
    static_cast<void>(parse_number(option_of_defense(subject.defense, "weight"), weight));
  }
  return weight;
}

std::string nt_weight_text(const Subject& subject) {
  return fmt::format("{:.6g}", nt_weight(subject));
}

Titles::Titles(const Evidence& evidence) : defense_titles_(evidence.defense_titles) {
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
  differing_nt_ = differing_options(evidence.subjects());
  std::map<std::string, std::map<std::string, std::set<std::string>>> values;
  for (const std::string& dataset : evidence.datasets()) {
    for (const Situation& situation : evidence.attacks(dataset)) {
      for (const auto& [key, value] : situation.options.values()) {
        values[situation.attack][key].insert(value);
      }
      levels_[situation.attack].insert(situation.level);
      surrogates_[situation.attack].insert(situation.surrogate + " " + situation.surrogate_defense);
    }
  }
  for (const auto& [attack, options] : values) {
    for (const auto& [key, found] : options) {
      if (found.size() > 1) differing_[attack].insert(key);
    }
  }
}

std::string Titles::model(const Subject& subject) const {
  const std::string title = shortened(model_title(subject.model));
  return subject.run.empty() ? title : title + " (" + subject.run + ")";
}

std::string Titles::defense(const Subject& subject) const {
  if (subject.baseline()) return "base";
  if (!is_gradient_norm(subject)) {
    const auto title = defense_titles_.find(subject.defense);
    return shortened(title == defense_titles_.end() ? subject.defense : "+" + title->second);
  }
  std::string title = "+NT";
  if (differing_nt_.contains("weight")) title += " " + nt_weight_text(subject);
  for (const std::string& key : differing_nt_) {
    if (key != "weight")
      title += shortened(" " + key + "=" + option_of_defense(subject.defense, key));
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
