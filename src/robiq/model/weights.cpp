#include "robiq/model/weights.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "robiq/core/files.h"
#include "robiq/io/safetensors.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kCardKey = "robiq.card";
constexpr int kCardFormat = 1;

std::string preprocessing_text(const ModelCard& card) {
  constexpr const char* kKinds[] = {"whole picture", "grid of crops", "tiles", "random crops"};
  return fmt::format("RGB in [0,1]; mean {} {} {}, stddev {} {} {}; {} of {} pixels", card.mean[0],
                     card.mean[1], card.mean[2], card.stddev[0], card.stddev[1], card.stddev[2],
                     kKinds[static_cast<int>(card.views.kind)], card.views.side);
}

}  // namespace

std::string card_to_json(const WeightsCard& card) {
  Json json;
  json["format"] = kCardFormat;
  json["model"] = card.model;
  json["options"] = card.options;
  json["scale"] = {{"worst", card.scale.worst}, {"best", card.scale.best}};
  json["defense"] = card.defense;
  json["dataset"] = card.dataset;
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
    card.dataset = json.at("dataset").get<std::string>();
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

void save_weights(const QualityModel& model, const WeightsCard& card,
                  const std::filesystem::path& file) {
  WeightsCard complete = card;
  complete.preprocessing = preprocessing_text(model.card());
  write_safetensors(file, {model.state(), {{kCardKey, card_to_json(complete)}}});
}

LoadedModel load_model(const Spec& spec, const std::filesystem::path& file,
                       std::optional<ScoreScale> scale, c10::Device device) {
  const auto& registry = Registry<QualityModel>::instance();
  static_cast<void>(registry.find(spec.name, "--model"));
  const SafetensorsFile contents = read_safetensors(file);
  LoadedModel loaded;
  loaded.card = {.model = spec.name};
  Spec merged = spec;
  const auto it = contents.metadata.find(kCardKey);
  if (it != contents.metadata.end()) {
    loaded.card = card_from_json(it->second, file.string());
    if (loaded.card.model != spec.name) {
      throw Error(ErrorKind::kModel,
                  {"these weights are of " + loaded.card.model + ", not of " + spec.name,
                   file.string(), "give --model " + loaded.card.model});
    }
    for (const auto& [key, value] : loaded.card.options) {
      merged.params.emplace(key, ParamValue{value, file.string() + " (model card)"});
    }
  }
  loaded.model = registry.make(merged, "--model");
  try {
    loaded.model->load_state(contents.tensors);
    if (it != contents.metadata.end()) loaded.model->set_scale(loaded.card.scale);
    if (scale) loaded.model->set_scale(*scale);
  } catch (Error& error) {
    error.add_context("loading " + file.string());
    throw;
  }
  loaded.card.scale = loaded.model->card().scale;
  loaded.weights_sha256 = sha256_of_file(file);
  loaded.model->move_to(device);
  loaded.model->set_training(false);
  return loaded;
}

}  // namespace robiq
