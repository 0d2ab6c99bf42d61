#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/score_scale.h"
#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// A beginning of tensor names, and what takes its place.
struct PrefixRule {
  std::string from, to;
};

/// The names that another program gives a model's tensors.
struct NameLayout {
  std::string name;               ///< "pyiqa"
  std::vector<PrefixRule> rules;  ///< the first that fits a name renames it; a name no rule fits
                                  ///< stays; a file has this layout if every `from` occurs in it
  std::optional<ScoreScale> scale{};  ///< of the scores that its weights give, if not the model's
};

/// A part of a model that the field publishes weights for, "backbone" with "ResNet-50 of
/// torchvision".
struct ModelPart {
  std::string name;
  std::string source;                    ///< whose files, for people
  std::string prefix;                    ///< of its tensors in the model's state ("res.")
  std::vector<PrefixRule> rules;         ///< from the file's names to the model's; as in NameLayout
  std::vector<std::string> dropped;      ///< beginnings of names in the file that the model lacks
  std::vector<std::string> not_in_file;  ///< beginnings of the model's names that the file lacks
  /// From another container's tensors to the file's usual names, before the rules; or nothing.
  std::function<TensorMap(const TensorMap&)> convert{};
};

}  // namespace robiq
