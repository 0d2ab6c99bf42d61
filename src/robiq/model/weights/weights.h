#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/defense_strength.h"
#include "robiq/core/options/params.h"
#include "robiq/core/score_scale.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// Which pictures a model's training saw, by their identities (data/picture_identity.h): 16
/// hexadecimal digits each. Travels beside the card in the metadata of robiq's .safetensors files.
struct TrainingPictures {
  std::vector<std::string> training;    ///< the weights were fitted to these; sorted
  std::vector<std::string> validation;  ///< by these the epoch was chosen; sorted

  [[nodiscard]] bool empty() const { return training.empty() && validation.empty(); }
  /// Takes in those of another training.
  void add(const TrainingPictures& more);
};

/// As JSON, the same text for the same pictures.
[[nodiscard]] std::string training_pictures_to_json(const TrainingPictures& pictures);

/// \param where  named in the message
/// \throws Error{kModel} for text that training_pictures_to_json() did not write
[[nodiscard]] TrainingPictures training_pictures_from_json(const std::string& text,
                                                           const std::string& where);

/// What a weights file says about itself; travels in the metadata of robiq's .safetensors files.
struct WeightsCard {
  std::string model;                           ///< registered name
  std::map<std::string, std::string> options;  ///< of the model, as texts
  ScoreScale scale;                            ///< native scale of the trained model
  std::string defense = "none";                ///< with its options, "gradient-norm:weight=0.001"
  std::string defense_title;                   ///< in tables, "NT+JPEG"; "": none was noted
  DefenseStrength defense_strength;            ///< where it has one and it was noted
  std::string dataset;                         ///< what it was trained on, as a spec
  std::string records_sha256;  ///< of its list of pictures (data/picture_identity.h)
  std::string split_sha256;    ///< of the split it was trained with
  std::string preprocessing;   ///< mean, stddev and views, for people
  std::int64_t seed = 0, epoch = 0;
  std::map<std::string, double> validation;  ///< measure -> value at that epoch
  TrainingPictures pictures;                 ///< empty where the file does not list them
};

/// The card as JSON, the same bytes for the same card; without its pictures, of which there may be
/// thousands: they have an entry of their own in a file's metadata.
[[nodiscard]] std::string card_to_json(const WeightsCard& card);
/// \throws Error{kModel} for text that is no card. \param where  named in the message
[[nodiscard]] WeightsCard card_from_json(const std::string& json, const std::string& where);

/// Saves the model's state with its card, atomically.
void save_weights(const QualityModel& model, const WeightsCard& card,
                  const std::filesystem::path& file);

/// The card of a file that save_weights() wrote.
/// \throws Error{kModel} for a file that is missing, corrupt or has none.
[[nodiscard]] WeightsCard read_weights_card(const std::filesystem::path& file);

/// A model ready to score, and where it came from.
struct LoadedModel {
  std::unique_ptr<QualityModel> model;  ///< in evaluation mode
  WeightsCard card;
  std::string weights_sha256;  ///< of the file; of the model's own file for torchscript
  std::string note;            ///< how a file of other programs was read; "" for robiq's own
  std::string scale_note;      ///< what a user should know of the scale; "" where the card names it
  std::string weights_name;    ///< the model's own file for torchscript; else load_model_flag()
                               ///< sets it, as the user named them or "shipped:NAME"
};

/// Makes the model of `spec` with the weights of `file`: robiq's own .safetensors, or a checkpoint
/// of the authors, of pyiqa or torchvision in any container that read_checkpoint() opens. Options
/// that the weights' card names are taken from it; `spec` may not contradict them.
/// \param file   "" for models that come in a file of their own (torchscript:FILE)
/// \param scale  replaces the card's scale when given
/// \throws Error{kModel} for weights that are missing, corrupt, of another model or not fitting:
/// every tensor of the model must come from the file.
[[nodiscard]] LoadedModel load_model(const Spec& spec, const std::filesystem::path& file,
                                     std::optional<ScoreScale> scale, c10::Device device);

/// Whether a model needs weights beside its name: not so when the name has its file in it.
[[nodiscard]] bool needs_weights(const Spec& spec);

/// Begins training from a file. \param init  FILE, a checkpoint of the whole model, or PART=FILE,
/// weights of a part that the model's card names ("backbone=resnet50.pth")
/// \return the pictures of the file's own training, which the model has then seen too
/// \throws Error{kModel} when the file is missing, corrupt or does not fit, Error{kUsage} for a
/// part that the model does not have.
TrainingPictures load_initial_weights(QualityModel& model, const std::string& init);

/// Tensors under a model's own names, and what was done to get there.
struct FittedNames {
  TensorMap tensors;
  const NameLayout* layout = nullptr;  ///< of the card, when the file's names were of that layout
  std::string note;                    ///< for the log: "without 'module.', names of pyiqa"
};

/// Takes the prefix `module.` off when every name has it, and renames by the card's layout that the
/// names fit. What fits no layout keeps its names: load_state() judges them.
[[nodiscard]] FittedNames fit_names(TensorMap tensors, const ModelCard& card);

/// Puts a file's tensors into one part of a model; the rest of the model stays. The file may be of
/// the part alone (its usual names) or of a whole model of this kind.
/// \throws Error{kModel} for a tensor of the part that is missing, left over or misshapen.
void load_part(QualityModel& model, const ModelPart& part, const TensorMap& tensors);

/// The parts of a model that these tensors would fill, by name; for advice.
[[nodiscard]] std::vector<std::string> parts_that_fit(QualityModel& model,
                                                      const TensorMap& tensors);

}  // namespace robiq
