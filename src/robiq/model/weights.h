#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "robiq/core/params.h"
#include "robiq/core/score_scale.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// What a weights file says about itself; travels in the metadata of robiq's .safetensors files.
struct WeightsCard {
  std::string model;                           ///< registered name
  std::map<std::string, std::string> options;  ///< of the model, as texts
  ScoreScale scale;                            ///< native scale of the trained model
  std::string defense = "none";                ///< with its options, "gradient-norm:weight=0.001"
  std::string dataset;                         ///< what it was trained on, as a spec
  std::string split_sha256;                    ///< of the split it was trained with
  std::string preprocessing;                   ///< mean, stddev and views, for people
  std::int64_t seed = 0, epoch = 0;
  std::map<std::string, double> validation;  ///< measure -> value at that epoch
};

/// The card as JSON, the same bytes for the same card.
[[nodiscard]] std::string card_to_json(const WeightsCard& card);
/// \throws Error{kModel} for text that is no card. \param where  named in the message
[[nodiscard]] WeightsCard card_from_json(const std::string& json, const std::string& where);

/// Saves the model's state with its card, atomically.
void save_weights(const QualityModel& model, const WeightsCard& card,
                  const std::filesystem::path& file);

/// A model ready to score, and where it came from.
struct LoadedModel {
  std::unique_ptr<QualityModel> model;  ///< in evaluation mode
  WeightsCard card;
  std::string weights_sha256;  ///< "" without weights
};

/// Makes the model of `spec` with the weights of `file`. Options that the weights' card names are
/// taken from it unless `spec` gives them. \param scale  replaces the card's scale when given
/// \throws Error{kModel} for weights that are missing, corrupt, of another model or not fitting.
[[nodiscard]] LoadedModel load_model(const Spec& spec, const std::filesystem::path& file,
                                     std::optional<ScoreScale> scale, c10::Device device);

}  // namespace robiq
