#include "robiq/report/evidence/names/run_names.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/options/params.h"
#include "robiq/core/text/text.h"
#include "robiq/store/defended_name.h"

namespace robiq {
namespace {

/// \throws nlohmann::json::exception where the card holds what robiq does not write there
void read_card(const nlohmann::json& card, const ModelRow& row, NamedModel& model) {
  model.dataset = card.value("dataset", "");
  model.defense_title = card.value("defense_title", "");
  if (const auto strength = card.find("defense_strength"); strength != card.end()) {
    model.trained.subject.strength = {strength->value("title", ""), strength->value("option", ""),
                                      strength->value("symbol", ""),
                                      strength->value("value", ScoreRow::kNone)};
  }
  if (!model.dataset.empty()) {
    model.trained.seed = std::to_string(card.value("seed", std::int64_t{0}));
  }
  std::vector<std::string> options;
  for (const auto& [key, value] : card.value("options", std::map<std::string, std::string>{})) {
    options.push_back(option_part(key, value));
  }
  DefendedName name = DefendedName::parse(row.name);
  const bool labelled = card.value("model", name.model) != name.model;
  if (!options.empty() && !labelled) {
    name.model += ":" + join(options, ",");
    model.trained.subject.model = name.text();
  }
  if (!card.contains("scale")) return;
  const double range = card["scale"].value("best", 100.0) - card["scale"].value("worst", 0.0);
  if (std::isfinite(range) && range != 0) model.factor = 100 / std::abs(range);
}

NamedModel named_model(const ModelRow& row, const std::string& run) {
  NamedModel model{{{run, row.name, row.defense}, ""}, "", row.weights_sha256, ""};
  if (row.card_json.empty()) return model;
  try {
    read_card(nlohmann::json::parse(row.card_json), row, model);
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::kData,
                {"the card of the model '" + row.name + "' in the results database is damaged", "",
                 "use a results.sqlite as robiq wrote it"});
  }
  return model;
}

}  // namespace

RunNames::RunNames(const ResultsStore& store, const std::string& run, std::string of,
                   AttackSources& all)
    : folder(std::move(of)), sources(all) {
  for (const ModelRow& model : store.models()) models[model.id] = named_model(model, run);
  for (ImageRow& image : store.images()) images[image.id] = std::move(image);
  for (AttackRow& attack : store.attacks()) attacks[attack.name] = std::move(attack);
}

bool SurrogateUse::one_attack() const {
  const auto several = [](const auto& entry) { return entry.second.size() > 1; };
  if (std::ranges::any_of(by_seed, several)) return false;
  // Each victim with a surrogate of its own was not attacked alike.
  const auto other = [&](const auto& entry) { return entry.second != by_victim.begin()->second; };
  return std::ranges::any_of(by_victim, several) || std::ranges::none_of(by_victim, other);
}

void RunNames::add_surrogate(const std::string& surrogate, std::int64_t seed, std::int64_t victim) {
  const std::size_t colon = surrogate.rfind(':');
  if (colon == std::string::npos) return;
  SurrogateUse& use = sources.surrogates[surrogate.substr(0, colon)];
  const std::string hash = surrogate.substr(colon + 1);
  use.by_seed[seed].insert(hash);
  use.by_victim[models.at(victim).trained.subject].insert(hash);
}

/// \param surrogate  "cnniqa:5a690797d6b1", the model and how its weights' hash begins
Situation RunNames::situation(const std::string& dataset, const std::string& attack,
                              const std::string& options, const std::string& level,
                              const std::string& surrogate) const {
  const AttackOptions named =
      sources.perturbations.in_options(AttackOptions::from_stored(options), folder);
  Situation found{dataset, attack, named, level, surrogate, "", {}};
  if (const auto card = attacks.find(attack); card != attacks.end()) found.card = card->second;
  const std::size_t colon = surrogate.rfind(':');
  if (colon == std::string::npos) return found;
  const std::string model_name = surrogate.substr(0, colon), hash = surrogate.substr(colon + 1);
  const auto use = sources.surrogates.find(model_name);
  const bool one = use == sources.surrogates.end() || use->second.one_attack();
  found.surrogate = one ? model_name : surrogate;
  for (const auto& [id, model] : models) {
    if (!model.weights_sha256.starts_with(hash)) continue;
    found.surrogate = model.trained.subject.model;
    found.surrogate_defense = model.trained.subject.defense;
  }
  return found;
}

}  // namespace robiq
