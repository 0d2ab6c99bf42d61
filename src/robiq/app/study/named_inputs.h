#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <utility>
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

/// Refuses weights, splits and data sets that are named and cannot be opened, before a study works
/// for hours on the cells before. What earlier cells make may be missing.
class NeededInputs {
 public:
  /// \param folder  of the study; must outlive this
  explicit NeededInputs(const StudyFolder& folder) : folder_(folder) {}

  /// Looks at what the cell names and no earlier one did. \throws Error{kModel}, Error{kData}
  void check(const StudyCell& cell);

 private:
  const StudyFolder& folder_;
  std::set<std::pair<InputKind, std::string>> seen_;
};

}  // namespace robiq
