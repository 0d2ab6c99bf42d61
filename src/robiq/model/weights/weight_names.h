#pragma once
#include <string>

#include "robiq/model/quality_model.h"

namespace robiq {

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
