#pragma once
#include <string>
#include <vector>

#include "robiq/model/quality_model.h"

namespace robiq {

/// One promise of a quality model, and whether a model keeps it.
struct PromiseResult {
  enum class State {
    kKept,
    kBroken,
    kNote  ///< not needed, or not checked because another is broken
  };
  std::string promise;  ///< "scores each picture by itself"
  State state = State::kNote;
  std::string needed_for;     ///< "scoring", "attacks and NT", "nt-form exact", "training", or ""
  std::string finding;        ///< what was seen
  std::string hint{};         ///< "" when kept
  std::string python_hint{};  ///< the same to who wraps a Python callable; "" where `hint` serves
};

/// "kept", "broken" or "note".
[[nodiscard]] std::string promise_state_name(PromiseResult::State state);

/// Tries every promise of model/quality_model.h on built-in pictures, in a fixed order. The model
/// ends in evaluation mode with the state it had.
[[nodiscard]] std::vector<PromiseResult> check_promises(QualityModel& model);

}  // namespace robiq
