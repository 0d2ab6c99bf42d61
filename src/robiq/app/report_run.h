#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "robiq/core/options.h"

namespace robiq {

/// What `robiq report` is told.
struct ReportRequest {
  std::vector<std::string> runs;
  std::string out;  ///< "": RUN/report of the first run

  static OptionTable<ReportRequest> options();
};

/// Writes the tables of one or more run folders as Markdown and CSV. \return the files written
/// \throws Error{kData} for a folder without results.
std::vector<std::filesystem::path> run_report(const ReportRequest& request);

}  // namespace robiq
