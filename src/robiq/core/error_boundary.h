#pragma once
#include <functional>
#include <string>

#include "robiq/core/error.h"

namespace robiq {

/// Runs `work` and turns what the standard library and JSON throw into Error: memory that ran out
/// into kDevice, a file that cannot be used into kData, the rest into kInternal. Error and
/// Interrupted pass, and so does what `work` means for its caller (command-line parsing).
void within_system_boundary(const std::function<void()>& work);

/// Memory ran out. \param detail  what the system said; may be empty  \throws Error{kDevice}
[[noreturn]] void throw_out_of_memory(const std::string& detail);
/// Something that robiq should have prevented: Error{kInternal}, which asks for a report of it.
[[nodiscard]] Error internal_error(const std::string& what);
/// \throws internal_error()
[[noreturn]] void throw_internal(const std::string& what);

}  // namespace robiq
