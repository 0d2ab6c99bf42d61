#pragma once
#include <filesystem>

namespace robiq {

/// Nothing that robiq did not write is replaced unless the user says --force. These functions know
/// robiq's own files by what is in them.

/// Whether anything of that name is there, also a link that leads nowhere.
[[nodiscard]] bool is_there(const std::filesystem::path& file);

/// \param ours  whether robiq made the file that may be there
/// \throws Error{kUsage} for a file that is there, is not ours and not to be forced
void refuse_to_replace(const std::filesystem::path& file, bool ours, bool force);

/// A folder for a run: new, robiq's own, or one whose other files a run would not touch.
/// \throws Error{kUsage} for one that is no run's and holds files of the names a run writes
void check_run_folder(const std::filesystem::path& folder);

/// The same for a report's folder. \param force  the user's word
void check_report_folder(const std::filesystem::path& folder, bool force);

}  // namespace robiq
