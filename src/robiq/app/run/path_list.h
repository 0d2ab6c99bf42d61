#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace robiq {

/// The paths of a list such as `ls`, `find -print0` or an editor writes it: one a line (LF or CRLF,
/// blank lines are passed over), or, where a NUL stands in it, one between NULs, to the letter. A
/// UTF-8 byte order mark is skipped.
/// \throws Error{kData} for a list in UTF-16
[[nodiscard]] std::vector<std::filesystem::path> parse_path_list(const std::string& bytes);

}  // namespace robiq
