#pragma once
#include <set>
#include <string>
#include <utility>

#include "robiq/app/study/named_inputs.h"

namespace robiq {

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
