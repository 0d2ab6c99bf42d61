#pragma once
#include <string>
#include <vector>

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

}  // namespace robiq
