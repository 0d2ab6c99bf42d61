#include "robiq/model/weights/weights.h"

#include <fmt/format.h>

#include <algorithm>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/io/checkpoint.h"
#include "robiq/io/safetensors.h"

namespace robiq {
namespace {

constexpr const char* kCardKey = "robiq.card";
constexpr const char* kPicturesKey = "robiq.training_pictures";

/// robiq's own card, with its pictures; nothing in files of other programs.
std::optional<WeightsCard> card_in(const std::map<std::string, std::string>& metadata,
                                   const std::string& file) {
  const auto text = metadata.find(kCardKey);
  if (text == metadata.end()) return std::nullopt;
  WeightsCard card = card_from_json(text->second, file);
  const auto pictures = metadata.find(kPicturesKey);
  if (pictures != metadata.end()) {
    card.pictures = training_pictures_from_json(pictures->second, file);
  }
  return card;
}

std::string preprocessing_text(const ModelCard& card) {
  constexpr const char* kKinds[] = {"whole picture", "grid of crops", "tiles", "random crops"};
  return fmt::format("RGB in [0,1]; mean {} {} {}, stddev {} {} {}; {} of {} pixels", card.mean[0],
                     card.mean[1], card.mean[2], card.stddev[0], card.stddev[1], card.stddev[2],
                     kKinds[static_cast<int>(card.views.kind)], card.views.side);
}

}  // namespace

void save_weights(const QualityModel& model, const WeightsCard& card,
                  const std::filesystem::path& file) {
  WeightsCard complete = card;
  complete.preprocessing = preprocessing_text(model.card());
  std::map<std::string, std::string> metadata{{kCardKey, card_to_json(complete)}};
  if (!card.pictures.empty()) metadata[kPicturesKey] = training_pictures_to_json(card.pictures);
  write_safetensors(file, {model.state(), metadata});
}

WeightsCard read_weights_card(const std::filesystem::path& file) {
  const auto contents = read_safetensors(file);
  if (const auto card = card_in(contents.metadata, file.string())) return *card;
  throw Error(ErrorKind::kModel, {"the weights carry no model card", file.string(),
                                  "name a file that `robiq train` wrote"});
}

namespace {

/// Two ways to write one value: 0.8 and 0.80.
bool same_value(const std::string& a, const std::string& b) {
  double x = 0, y = 0;
  return a == b || (parse_number(a, x) && parse_number(b, y) && x == y);
}

/// What the model was trained with counts: by the card, or by default where the card is silent.
void check_against(const WeightsCard& card, const Spec& spec, const std::string& file) {
  const auto& entry = Registry<QualityModel>::instance().find(spec.name, "--model");
  for (const auto& [key, given] : spec.params) {
    const auto option =
        std::find_if(entry.options.begin(), entry.options.end(),
                     [&key = key](const OptionDoc& doc) { return doc.name == key; });
    if (option == entry.options.end() || key == entry.argument) continue;
    const auto named = card.options.find(key);
    const bool silent = named == card.options.end();
    const std::string trained = silent ? option->default_value : named->second;
    const std::string asked = option_text(given.value);
    if (same_value(asked, trained)) continue;
    throw Error(ErrorKind::kModel,
                {"--model says " + key + "=" + asked + ", but the weights were trained with " +
                     key + "=" + trained + (silent ? ", the default" : ""),
                 file, "leave " + key + " out: robiq reads it from the weights' card"});
  }
}

std::string hint_for(const std::string& model) {
  if (Registry<QualityModel>::instance().entries().contains(model)) return "give --model " + model;
  return "this robiq has no such model: load the plugin that brings it (--plugin FILE), or give "
         "other weights";
}

/// The options of `spec`, and those that the card names and `spec` does not.
Spec with_options_of(const WeightsCard& card, const Spec& spec, const std::string& file) {
  if (card.model != spec.name) {
    throw Error(ErrorKind::kModel, {"these weights belong to the model '" + card.model +
                                        "', not to '" + spec.name + "'",
                                    file, hint_for(card.model)});
  }
  check_against(card, spec, file);
  Spec merged = spec;
  const std::string& argument =
      Registry<QualityModel>::instance().find(spec.name, "--model").argument;
  for (const auto& [key, value] : card.options) {
    if (key == argument && !spec.argument.empty()) continue;
    merged.params.emplace(key, ParamValue{value, file + " (model card)"});
  }
  return merged;
}

TensorMap map_of(const CheckpointContents& checkpoint) {
  return {checkpoint.tensors.begin(), checkpoint.tensors.end()};
}

/// Numbers that stood beside the state dict and belong to the model (LinearityIQA's k and b).
void add_numbers_beside(const CheckpointContents& checkpoint, const TensorMap& own,
                        TensorMap& tensors) {
  for (const auto& [name, numbers] : checkpoint.beside) {
    const auto it = own.find(name);
    if (it == own.end() || it->second.numel() != numbers.numel()) continue;
    tensors.emplace(name, numbers.reshape(it->second.sizes()));
  }
}

std::string advice_for(QualityModel& model, const TensorMap& tensors) {
  const std::vector<std::string> parts = parts_that_fit(model, tensors);
  if (parts.empty()) return "give weights that were saved from this model with the same options";
  return "this looks like its " + parts.front() + ": train from it with --init " + parts.front() +
         "=FILE";
}

/// All of the model's state from a checkpoint. \return how its names were read
FittedNames load_whole(QualityModel& model, const CheckpointContents& checkpoint) {
  FittedNames fitted = fit_names(map_of(checkpoint), model.card());
  add_numbers_beside(checkpoint, model.state(), fitted.tensors);
  try {
    model.load_state(fitted.tensors);
  } catch (const Error& error) {
    throw Error(error.kind(),
                {error.text().what, error.text().where, advice_for(model, fitted.tensors)});
  }
  return fitted;
}

std::string note_of(const CheckpointContents& checkpoint, const FittedNames& fitted) {
  std::string note = checkpoint.container;
  if (!checkpoint.wrapper.empty()) note += ", from '" + checkpoint.wrapper + "'";
  if (!fitted.note.empty()) note += ", " + fitted.note;
  return note;
}

std::string scale_text(const ScoreScale& scale) {
  return number_text(scale.worst) + " (worst) to " + number_text(scale.best) + " (best)";
}

/// The options that no card names, as they are assumed or given.
std::string options_note(const Spec& spec) {
  const auto& entry = Registry<QualityModel>::instance().find(spec.name, "--model");
  std::vector<std::string> parts;
  for (const auto& [name, value] : entry.values(spec.params)) {
    if (name != entry.argument) parts.push_back(name + "=" + option_text(value));
  }
  return parts.empty() ? "" : ", with " + join(parts, ", ");
}

/// What is not sure of the scale: that nobody named it, or that the user and the card differ.
/// \param named  by the card or in the model's name
std::string note_on_scale(bool named, const ScoreScale& own,
                          const std::optional<ScoreScale>& asked) {
  if (!named && !asked) {
    return "nothing names the scale of its scores: " + scale_text(own) +
           " is assumed; give --scale WORST:BEST if it is another";
  }
  if (!named || !asked || *asked == own) return "";
  return "--scale says " + scale_text(*asked) + ", its own card " + scale_text(own) +
         ": that of --scale is used";
}

/// The same for every loaded model, whatever its weights came from.
void finish(LoadedModel& loaded, std::optional<ScoreScale> scale, c10::Device device) {
  if (scale) loaded.model->set_scale(*scale);
  loaded.card.scale = loaded.model->card().scale;
  loaded.model->move_to(device);
  loaded.model->set_training(false);
}

/// The file in the name of a model that comes in one: NAME:FILE or NAME:file=FILE.
std::string own_file(const Spec& spec) {
  if (!spec.argument.empty()) return spec.argument;
  const auto it =
      spec.params.find(Registry<QualityModel>::instance().find(spec.name, "--model").argument);
  return it == spec.params.end() ? "" : option_text(it->second.value);
}

}  // namespace

bool needs_weights(const Spec& spec) {
  return Registry<QualityModel>::instance().find(spec.name, "--model").argument.empty();
}

LoadedModel load_model(const Spec& spec, const std::filesystem::path& file,
                       std::optional<ScoreScale> scale, c10::Device device) {
  const auto& registry = Registry<QualityModel>::instance();
  LoadedModel loaded;
  loaded.card = {.model = spec.name};
  if (file.empty() && !needs_weights(spec)) {
    loaded.model = registry.make(spec, "--model");
    loaded.weights_name = own_file(spec);
    loaded.weights_sha256 = sha256_of_file(loaded.weights_name);
    const bool named = spec.params.contains("worst") || spec.params.contains("best");
    loaded.scale_note = note_on_scale(named, loaded.model->card().scale, scale);
    finish(loaded, scale, device);
    return loaded;
  }
  const CheckpointContents checkpoint = read_checkpoint(file);
  const std::optional<WeightsCard> card = card_in(checkpoint.metadata, file.string());
  bool named = card.has_value();  // the scale
  if (card) loaded.card = *card;
  loaded.model =
      registry.make(card ? with_options_of(*card, spec, file.string()) : spec, "--model");
  try {
    const FittedNames fitted = load_whole(*loaded.model, checkpoint);
    if (card) {
      loaded.model->set_scale(card->scale);
    } else {
      loaded.note = note_of(checkpoint, fitted) + options_note(spec);
      if (fitted.layout != nullptr && fitted.layout->scale) {
        loaded.model->set_scale(*fitted.layout->scale);
        named = true;
      }
    }
  } catch (Error& error) {
    error.add_context("loading " + file.string());
    throw;
  }
  loaded.weights_sha256 = sha256_of_file(file);
  loaded.scale_note = note_on_scale(named, loaded.model->card().scale, scale);
  finish(loaded, scale, device);
  return loaded;
}

TrainingPictures load_initial_weights(QualityModel& model, const std::string& init) {
  const std::size_t equals = init.find('=');
  const bool whole = equals == init.npos || std::filesystem::exists(init);
  const std::string file = whole ? init : init.substr(equals + 1);
  try {
    const CheckpointContents checkpoint = read_checkpoint(file);
    const std::optional<WeightsCard> card = card_in(checkpoint.metadata, file);
    const TrainingPictures pictures = card ? card->pictures : TrainingPictures{};
    if (whole) {
      static_cast<void>(load_whole(model, checkpoint));
      return pictures;
    }
    const std::string name = init.substr(0, equals);
    std::vector<std::string> known;
    for (const ModelPart& part : model.card().parts) {
      if (part.name == name) {
        load_part(model, part, map_of(checkpoint));
        return pictures;
      }
      known.push_back(part.name);
    }
    throw Error(ErrorKind::kUsage,
                {"'" + model.card().name + "' has no part '" + name + "'", "--init " + init,
                 known.empty() ? "give a checkpoint of the whole model"
                               : "its parts: " + join(known, ", ")});
  } catch (Error& error) {
    error.add_context("loading --init " + init);
    throw;
  }
}

}  // namespace robiq
