#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "robiq/report/evidence/evidence.h"
#include "robiq/report/report.h"

namespace robiq {

/// What the runs have to say: the tables that were asked for, or all that the results fill.
/// \throws Error{kUsage} for a table that there is not
[[nodiscard]] Report compose_report(const Evidence& evidence, const ReportSettings& settings = {});

/// Reads RUN/results.sqlite of every folder and writes index.html, report.md,
/// tables/ID.{csv,md,tex} and figures/ID.{vl.json,svg} under `out_folder`, each file atomically.
/// Files of an earlier report that this one does not write stay as they are. Where SVGs cannot be
/// drawn a warning says why.
/// \return the files, index.html first
/// \throws Error{kUsage} without a run folder or for a table that there is not, Error{kData} for a
///         folder without results, a file that cannot be written, or runs that disagree
std::vector<std::filesystem::path> write_report(
    const std::vector<std::filesystem::path>& run_folders, const std::filesystem::path& out_folder,
    const ReportSettings& settings = {});

/// As write_report(), of scored videos: a report of the logs that read_video_log() reads.
/// \param logs  at least one  \throws Error{kData} as read_video_log()
std::vector<std::filesystem::path> write_video_report(
    const std::vector<std::filesystem::path>& logs, const std::filesystem::path& out_folder,
    const std::string& title);

}  // namespace robiq
