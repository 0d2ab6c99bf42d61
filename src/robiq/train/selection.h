#pragma once
#include <map>
#include <string>

#include "robiq/train/checkpoint.h"

namespace robiq {

/// What decides which epoch is best; more is better.
/// \param select_by   names of measures joined by '+'; "abs-" before one takes its magnitude
/// \param validation  measure -> value
/// \return the sum; NaN where a measure is absent
[[nodiscard]] double selection_value(const std::string& select_by,
                                     const std::map<std::string, double>& validation);

/// Whether the last epoch of the history is the best of its phase so far; the state then says so. A
/// value that is NaN is never better, but the first epoch is best until another is.
bool note_best(RunState& state, const std::string& select_by);

}  // namespace robiq
