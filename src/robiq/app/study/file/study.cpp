#include "robiq/app/study/file/study.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "robiq/app/attack/uap_run.h"
#include "robiq/app/evaluate/evaluate_run.h"
#include "robiq/app/run/spec_checks.h"
#include "robiq/app/study/file/study_defenses.h"
#include "robiq/app/study/file/study_node.h"
#include "robiq/app/study/file/study_surrogate.h"
#include "robiq/app/train/train_run.h"
#include "robiq/core/files/toml_document.h"
#include "robiq/core/text/text.h"
#include "robiq/data/dataset.h"
#include "robiq/model/quality_model.h"

namespace robiq {
namespace {

/// Keys that a study gives its commands itself, and where a user says such a thing.
using KeptKeys = std::map<std::string, std::string, std::less<>>;

const KeptKeys& kept_for_all() {
  static const KeptKeys keys = {{"data", "write data or train_data at the top"},
                                {"seed", "write seeds at the top"},
                                {"out", "give --out to `robiq experiment run`"},
                                {"threads", "give --threads to `robiq experiment run`"},
                                {"device", "give --device to `robiq experiment run`"},
                                {"process_timeout", "leave it out"},
                                {"join_timeout", "leave it out"},
                                {"split_file", "write split_file at the top"}};
  return keys;
}

KeptKeys kept_for_training() {
  KeptKeys keys = kept_for_all();
  keys["model"] = "write it as name of [[model]]";
  keys["resume"] = "leave it out: a study always goes on";
  keys["defense"] = "write it as name of [[defense]]";
  for (const OptionDoc& doc : document_options<TrainRequest>()) {
    if (doc.name.starts_with("nt")) keys[doc.name] = "write it in [[defense]]";
  }
  return keys;
}

KeptKeys kept_for_evaluation() {
  KeptKeys keys = kept_for_all();
  keys["model"] = "write it as name of [[model]]";
  for (const char* key : {"weights", "label"}) keys[key] = "write it in [[model]]";
  keys["attack"] = "write it as spec of [[attack]]";
  for (const char* key : {"surrogate", "transfer"}) keys[key] = "write it in [[attack]]";
  keys["surrogate_weights"] = "write surrogate = \"MODEL:weights=FILE\" in [[attack]]";
  keys["split_seed"] = "leave it out: the split is that of the training";
  for (const char* key : {"purify", "adaptive", "draws"}) keys[key] = "write it in [[purify]]";
  return keys;
}

KeptKeys kept_for_fitting() {
  KeptKeys keys = kept_for_all();
  for (const char* key : {"model", "weights"}) keys[key] = "write it as surrogate of [[attack]]";
  return keys;
}

/// The options of a table of a command, checked.
template <class Request>
Params command_options(const TomlNode& table, const KeptKeys& kept) {
  Params params = toml_params(table);
  for (const auto& [key, value] : params) {
    const auto it = kept.find(key);
    if (it == kept.end()) continue;
    throw Error(ErrorKind::kUsage, {"'" + key + "' is not set here", value.where, it->second});
  }
  // Of one table only: what goes together is checked when the tables are merged.
  static_cast<void>(assign_options<Request>(params));
  return params;
}

void check_name(const std::string& name, const std::string& where) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
  if (!name.empty() && plain && name.front() != '.') return;
  throw_usage("the study's name is '" + name + "'", where,
              "give name letters, digits, '-' and '_': it is the name of its folder");
}

void check_seeds(const StudyHead& head, const std::string& where) {
  constexpr std::size_t kMostSeeds = 1000;
  if (head.seeds.size() > kMostSeeds) {
    throw_usage(std::to_string(head.seeds.size()) + " seeds", where,
                "give at most " + std::to_string(kMostSeeds));
  }
  std::set<std::string> seen;
  for (const std::string& text : head.seeds) {
    std::int64_t seed = 0;
    if (!parse_integer(text, seed) || seed < 0) {
      throw_usage("'" + text + "' is not a seed", where, "give whole numbers from 0");
    }
    if (!seen.insert(text).second) throw_usage("seed " + text + " twice", where, "give it once");
  }
  if (seen.empty()) throw_usage("no seeds", where, "give at least one");
  if (head.split_file.size() > 1 && head.split_file.size() != head.seeds.size()) {
    throw_usage(std::to_string(head.split_file.size()) + " split files for " +
                    std::to_string(head.seeds.size()) + " seeds",
                where, "give one for all seeds, or one a seed");
  }
}

StudyHead read_head(const TomlNode& root) {
  const auto head = read_study_head(root);
  check_name(head.name, where_of(root, "name"));
  check_seeds(head, where_of(root, "seeds"));
  if (head.data.empty()) throw_usage("no data", where_of(root, "data"), "give a data set");
  for (const std::string& data : head.data) {
    check_spec<Dataset>(Registry<Dataset>::instance().parse(data, where_of(root, "data")),
                        where_of(root, "data"));
  }
  if (!head.train_data.empty()) {
    const std::string where = where_of(root, "train_data");
    check_spec<Dataset>(Registry<Dataset>::instance().parse(head.train_data, where), where);
  }
  return head;
}

StudyModel read_model(const TomlNode& node) {
  StudyModel model{read_keys<StudyModelKeys>(node, {"train", "evaluate"}), {}, {}, node.where};
  const std::string where = where_of(node, "name");
  if (model.keys.name.empty()) throw_usage("a model without a name", where, "give name");
  check_spec<QualityModel>(Registry<QualityModel>::instance().parse(model.keys.name, where), where);
  if (const TomlNode* train = inner_table(node, "train")) {
    if (!model.keys.weights.empty()) {
      throw_usage("a model with weights is not trained", train->where, "leave out one of the two");
    }
    model.train = command_options<TrainRequest>(*train, kept_for_training());
  }
  if (const TomlNode* evaluate = inner_table(node, "evaluate")) {
    model.evaluate = command_options<EvaluateRequest>(*evaluate, kept_for_evaluation());
  }
  return model;
}

StudyAttack read_attack(const TomlNode& node) {
  StudyAttack attack{read_keys<StudyAttackKeys>(node, {"fit"}), {}, node.where};
  const std::string where = where_of(node, "spec");
  if (attack.keys.spec.empty()) throw_usage("an attack without a spec", where, "give spec");
  for (const std::string& text : attack.keys.spec) check_attack(text, where);
  if (!attack.keys.surrogate.empty()) {
    static_cast<void>(parse_surrogate(attack.keys.surrogate, where_of(node, "surrogate")));
  } else if (attack.keys.transfer) {
    throw_usage("transfer without a surrogate", where_of(node, "transfer"), "give surrogate");
  }
  const bool fitted = std::any_of(attack.keys.spec.begin(), attack.keys.spec.end(), needs_fitting);
  const auto is_asked = [&](const std::string& text) {
    return needs_fitting(text) || asks_surrogate(text, attack.keys.transfer);
  };
  if (!attack.keys.surrogate.empty() &&
      std::none_of(attack.keys.spec.begin(), attack.keys.spec.end(), is_asked)) {
    throw_usage("'surrogate' has no effect: the attack asks the model that it attacks",
                where_of(node, "surrogate"), "leave it out, or write transfer = true");
  }
  if (fitted && attack.keys.surrogate.empty()) {
    throw_usage("uap has neither a perturbation nor a surrogate to fit one on", where,
                "write uap:FILE, or give surrogate = \"MODEL:seed=N\"");
  }
  if (const TomlNode* fit = inner_table(node, "fit")) {
    if (!fitted) throw_usage("nothing is fitted here", fit->where, "leave fit out");
    attack.fit = command_options<UapRequest>(*fit, kept_for_fitting());
  }
  return attack;
}

Study study_of(const TomlNode& root) {
  Study study;
  study.head = read_head(root);
  if (const TomlNode* node = inner_table(root, "train")) {
    study.train = command_options<TrainRequest>(*node, kept_for_training());
  }
  if (const TomlNode* node = inner_table(root, "surrogate")) {
    study.surrogate = command_options<TrainRequest>(*node, kept_for_training());
  }
  if (const TomlNode* node = inner_table(root, "evaluate")) {
    study.evaluate = command_options<EvaluateRequest>(*node, kept_for_evaluation());
  }
  for (const TomlNode& node : table_list(root, "model")) study.models.push_back(read_model(node));
  for (const TomlNode& node : table_list(root, "defense")) {
    for (StudyDefense& defense : read_defenses(node)) study.defenses.push_back(std::move(defense));
  }
  for (const TomlNode& node : table_list(root, "purify")) {
    study.purifiers.push_back(read_purify(node));
  }
  for (const TomlNode& node : table_list(root, "attack")) {
    study.attacks.push_back(read_attack(node));
  }
  if (const TomlNode* node = inner_table(root, "report")) {
    study.report = read_keys<StudyReport>(*node, {});
  }
  if (study.models.empty()) throw_usage("no models", root.where, "write [[model]] and its name");
  if (study.attacks.empty()) {
    throw_usage("no attacks", root.where, "write [[attack]] and its spec");
  }
  if (study.defenses.empty()) {
    study.defenses.emplace_back();
    study.defenses.front().weight = {};
  }
  check_purified_defenses(study, root);
  return study;
}

}  // namespace

std::vector<std::int64_t> Study::seeds() const {
  std::vector<std::int64_t> all;
  for (const std::string& text : head.seeds) {
    static_cast<void>(parse_integer(text, all.emplace_back()));
  }
  return all;
}

std::string Study::split_file(std::size_t seed_position) const {
  if (head.split_file.empty()) return "";
  return head.split_file[head.split_file.size() == 1 ? 0 : seed_position];
}

Study read_study(const std::filesystem::path& file) { return study_of(read_toml_document(file)); }

Study parse_study(std::string_view text, const std::string& name) {
  return study_of(parse_toml_document(text, name));
}

}  // namespace robiq
