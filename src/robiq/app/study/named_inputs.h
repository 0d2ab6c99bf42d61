#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "robiq/app/study/study_plan.h"

namespace robiq {

/// What a cell names and reads.
enum class InputKind : std::uint8_t {
  kData,     ///< a data set
  kSpec,     ///< a model, a distance, a denoiser: its options may name files
  kAttack,   ///< likewise; it may show pictures of a folder
  kSplit,    ///< a file
  kInit,     ///< initial weights, FILE or PART=FILE
  kWeights,  ///< FILE, or shipped:NAME
};

struct NamedInput {
  InputKind kind = InputKind::kData;
  std::string text;  ///< as a flag has it, not empty
};

/// Everything that a cell names, its data set first.
[[nodiscard]] std::vector<NamedInput> named_inputs(const StudyCell& cell);

/// Whether a file lies in the study's folder: cells make it for those after them.
[[nodiscard]] bool made_by_study(const StudyFolder& folder, const std::string& file);

}  // namespace robiq
