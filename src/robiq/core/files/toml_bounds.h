#pragma once
#include <string>
#include <string_view>

namespace robiq {

/// Refuses TOML that is too deep or too long to be anybody's configuration before a parser recurses
/// into it: keys of more than 32 parts, brackets of more than 32 levels, more than 100,000 commas
/// or lines. \param name  of the text, for messages
/// \throws Error{kUsage} naming the line
void check_toml_bounds(std::string_view text, const std::string& name);

}  // namespace robiq
