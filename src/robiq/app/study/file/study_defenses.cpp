#include "robiq/app/study/file/study_defenses.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "robiq/app/study/file/study_node.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/core/text/text.h"
#include "robiq/defense/defense_chain.h"
#include "robiq/defense/purify/purifier_chain.h"
#include "robiq/model/quality_model.h"

namespace robiq {
namespace {

/// The options of gradient-norm are keys of [[defense]], where lambda may be a list.
void check_no_options_of_gradient_norm(const std::string& defense, const std::string& where) {
  for (const Spec& member : parse_defenses(defense, where)) {
    if (member.name != kGradientNorm || member.params.empty()) continue;
    const auto& [key, value] = *member.params.begin();
    throw_usage(
        "'" + member.text + "' in the name of a defense", where,
        "write gradient-norm there, and " + key + " = " + toml_value(value.value) + " below it");
  }
}

StudyDefense read_defense(const TomlNode& node) {
  auto defense = read_keys<StudyDefense>(node, {});
  if (defense.name == "none") {
    for (const auto& [key, value] : node.table) {
      if (key != "name") {
        throw_usage("the defense 'none' has no '" + key + "'", value.where,
                    "leave it out, or write name = \"gradient-norm\"");
      }
    }
    defense.weight = {};
    return defense;
  }
  static_cast<void>(make_defense(defense.name, where_of(node, "name")));
  if (!names_gradient_norm(defense.name, where_of(node, "name"))) {
    for (const auto& [key, value] : node.table) {
      if (key == "name") continue;
      throw_usage("'" + key + "' belongs to gradient-norm, which this defense does not hold",
                  value.where, "write its options in the name, as of --defense");
    }
    return defense;
  }
  check_no_options_of_gradient_norm(defense.name, where_of(node, "name"));
  for (std::string& text : defense.weight) {
    double weight = 0;
    constexpr double kMost = 1e9;  // as of --nt-weight
    const bool sound =
        parse_number(text, weight) && (weight == -1 || (weight >= 0 && weight <= kMost));
    if (!sound) {
      throw_usage("'" + text + "' is not a weight", where_of(node, "weight"),
                  "give numbers from 0 to 1e9, or -1 for the model's recipe");
    }
    text = number_text(weight);
  }
  if (defense.weight.empty()) {
    throw_usage("no weights", where_of(node, "weight"), "give at least one");
  }
  double scale = 0;
  const bool number =
      parse_number(defense.weight_scale, scale) && scale > 0 && std::isfinite(scale);
  if (!number && defense.weight_scale != "recipe") {
    throw_usage("'" + defense.weight_scale + "' is not a scale of weights",
                where_of(node, "weight_scale"), "give a number above 0, or \"recipe\"");
  }
  if (number) defense.weight_scale = number_text(scale);
  const StudyDefense usual;
  for (const char* key : {"step", "scheme"}) {
    if (defense.nt.shape.form != NormForm::kExact || !node.table.contains(key)) continue;
    throw_usage(
        "'" + std::string(key) +
            "' has no effect together with form = \"exact\", which takes no finite difference",
        where_of(node, key), "leave out one of the two");
  }
  const auto is_recipe = [](const std::string& text) { return text == "-1"; };
  if (defense.weight_scale != usual.weight_scale &&
      std::all_of(defense.weight.begin(), defense.weight.end(), is_recipe)) {
    throw_usage("'weight_scale' has no effect on the recipe's own weight",
                where_of(node, "weight_scale"), "give weight too, or leave weight_scale out");
  }
  return defense;
}

/// The option by which a lone defense grows stronger, as its card says; "" for chains, for those
/// without one, and for gradient-norm, whose weight is a key of its own.
std::string swept_option(const std::string& defense, const std::string& where) {
  if (defense == "none" || names_gradient_norm(defense, where)) return "";
  if (parse_defenses(defense, where).size() != 1) return "";
  return make_defense(defense, where)->card().strength;
}

/// Of the models of one study some may have a phase before the main one and others none.
bool has_first_phase(const TrainRequest& train) {
  const auto model =
      Registry<QualityModel>::instance().make(parse_spec(train.model, "[[model]]"), "[[model]]");
  return !recipe_for(model->card(), train.compat).first_phases.empty();
}

}  // namespace

std::vector<StudyDefense> read_defenses(const TomlNode& node) {
  TomlNode rest = node;
  const auto params = toml_params(node);
  const auto named = params.find("name");
  const std::string defense = named == params.end() ? "none" : option_text(named->second.value);
  const std::string option = swept_option(defense, where_of(node, "name"));
  const auto swept = params.find(option);
  if (option.empty() || swept == params.end()) return {read_defense(node)};
  rest.table.erase(option);
  const StudyDefense plain = read_defense(rest);
  std::vector<std::string> values{option_text(swept->second.value)};
  if (const auto* list = std::get_if<std::vector<std::string>>(&swept->second.value))
    values = *list;
  if (values.empty()) throw_usage("no values", where_of(node, option), "give at least one");
  std::vector<StudyDefense> defenses;
  for (const std::string& value : values) {
    StudyDefense& variant = defenses.emplace_back(plain);
    variant.name += (defense.find(':') == defense.npos ? ":" : ",") + option + "=" + value;
    static_cast<void>(make_defense(variant.name, where_of(node, option)));
  }
  return defenses;
}

StudyPurify read_purify(const TomlNode& node) {
  const auto purify = read_keys<StudyPurify>(node, {});
  const std::string where = where_of(node, "spec");
  if (purify.spec.empty()) throw_usage("a purifier without a spec", where, "give spec");
  if (purify.adaptive.empty()) {
    throw_usage("'adaptive' is empty", where_of(node, "adaptive"), "give true, false, or both");
  }
  bool random = false;
  for (const std::string& text : purify.spec) {
    random = make_purifier(text, where)->card().randomised || random;
  }
  if (!random && node.table.contains("draws")) {
    throw_usage("'draws' has no effect: none of these purifiers is random", where_of(node, "draws"),
                "leave it out");
  }
  return purify;
}

void check_purified_defenses(const Study& study, const TomlNode& root) {
  const std::vector<TomlNode> nodes = table_list(root, "purify");
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const std::string& name : study.purifiers[i].defense) {
      const auto is_called = [&](const StudyDefense& defense) { return defense.name == name; };
      if (std::any_of(study.defenses.begin(), study.defenses.end(), is_called)) continue;
      throw_usage("the study has no defense '" + name + "'", where_of(nodes[i], "defense"),
                  "give names of [[defense]] as they stand there");
    }
  }
}

void set_defense(const StudyDefense& defense, double weight, TrainRequest& train) {
  if (defense.name == "none") return;
  if (defense.name != kGradientNorm) {
    train.defense = defense.name;
    settle_defense(train, {});
  }
  train.nt = names_gradient_norm(defense.name, defense.name);
  if (!train.nt) return;
  double factor = 1;
  static_cast<void>(parse_number(defense.weight_scale, factor));
  train.nt_weight.reset();
  if (weight >= 0) train.nt_weight = weight * factor;
  train.nt_choice = defense.nt;
  train.nt_choice.first_phase = defense.nt.first_phase && has_first_phase(train);
}

}  // namespace robiq
