#pragma once
#include <filesystem>
#include <vector>

namespace robiq {

/// The files of a folder that end as pictures do, sorted by path; folders in it are not entered.
/// Links that lead nowhere are among them: whoever reads one says that it is not there.
/// \throws Error{kData} for a folder that cannot be read
[[nodiscard]] std::vector<std::filesystem::path> pictures_in(const std::filesystem::path& folder);

}  // namespace robiq
