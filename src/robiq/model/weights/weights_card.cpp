// A WeightsCard as the JSON that a weights file carries.
#include <nlohmann/json.hpp>

#include "robiq/core/error.h"
#include "robiq/model/weights/weights.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kCardFormat = 1;

}  // namespace

std::string card_to_json(const WeightsCard& card) {
  Json json;
  json["format"] = kCardFormat;
  json["model"] = card.model;
  json["options"] = card.options;
  json["scale"] = {{"worst", card.scale.worst}, {"best", card.scale.best}};
  json["defense"] = card.defense;
  if (!card.defense_title.empty()) json["defense_title"] = card.defense_title;
  if (const DefenseStrength& strength = card.defense_strength; strength.known()) {
    json["defense_strength"] = {{"title", strength.title},
                                {"option", strength.option},
                                {"symbol", strength.symbol},
                                {"value", strength.value}};
  }
  json["dataset"] = card.dataset;
  if (!card.records_sha256.empty()) json["records_sha256"] = card.records_sha256;
  json["split_sha256"] = card.split_sha256;
  json["preprocessing"] = card.preprocessing;
  json["seed"] = card.seed;
  json["epoch"] = card.epoch;
  json["validation"] = card.validation;
  return json.dump();
}

WeightsCard card_from_json(const std::string& text, const std::string& where) {
  try {
    const Json json = Json::parse(text);
    if (json.at("format").get<int>() > kCardFormat) {
      throw Error(ErrorKind::kModel, {"the model card was written by a newer robiq", where,
                                      "use a robiq at least as new as the file"});
    }
    WeightsCard card;
    card.model = json.at("model").get<std::string>();
    card.options = json.at("options").get<std::map<std::string, std::string>>();
    card.scale = {json.at("scale").at("worst").get<double>(),
                  json.at("scale").at("best").get<double>()};
    card.defense = json.at("defense").get<std::string>();
    card.defense_title = json.value("defense_title", "");
    if (const auto strength = json.find("defense_strength"); strength != json.end()) {
      card.defense_strength = {
          strength->at("title").get<std::string>(), strength->at("option").get<std::string>(),
          strength->at("symbol").get<std::string>(), strength->at("value").get<double>()};
    }
    card.dataset = json.at("dataset").get<std::string>();
    card.records_sha256 = json.value("records_sha256", "");
    card.split_sha256 = json.at("split_sha256").get<std::string>();
    card.preprocessing = json.at("preprocessing").get<std::string>();
    card.seed = json.at("seed").get<std::int64_t>();
    card.epoch = json.at("epoch").get<std::int64_t>();
    card.validation = json.at("validation").get<std::map<std::string, double>>();
    return card;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::kModel, {std::string("the model card cannot be read: ") + error.what(),
                                    where, "save the weights again"});
  }
}

}  // namespace robiq
