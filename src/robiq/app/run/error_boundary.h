#pragma once
#include <functional>

namespace robiq {

/// Runs `work` and turns what other libraries throw (LibTorch, the standard library) into Error:
/// memory that ran out into kDevice, the rest into kInternal. Error and Interrupted pass, and so
/// does anything that is no std::exception or that `work` means for its caller (command-line
/// parsing).
void within_error_boundary(const std::function<void()>& work);

}  // namespace robiq
