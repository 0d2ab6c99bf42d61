#pragma once
#include <filesystem>
#include <vector>

#include "robiq/report/evidence.h"
#include "robiq/report/report.h"

namespace robiq {

/// What the runs have to say, as tables.
[[nodiscard]] Report compose_report(const Evidence& evidence);

/// Reads RUN/results.sqlite of every folder and writes report.md and tables/*.csv under
/// `out_folder`, each file atomically.
/// \return the files, report.md first
/// \throws Error{kUsage} without a run folder, Error{kData} for a folder without results, a file
///         that cannot be written, or runs that disagree
std::vector<std::filesystem::path> write_report(
    const std::vector<std::filesystem::path>& run_folders, const std::filesystem::path& out_folder);

}  // namespace robiq
