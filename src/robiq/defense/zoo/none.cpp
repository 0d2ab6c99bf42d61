#include "robiq/defense/defense.h"

namespace robiq {
namespace {

/// The baseline: training as it is.
class NoDefense final : public Defense {
 public:
  static constexpr const char* kName = "none";
  static constexpr const char* kSummary = "the baseline, trained on the task alone";
  static constexpr const char* kPaper = "";
  using Options = NoOptions;
  explicit NoDefense(const Options& /*options*/) {}
};

ROBIQ_REGISTER(Defense, NoDefense);

}  // namespace
}  // namespace robiq
