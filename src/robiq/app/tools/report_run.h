#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq report` is told.
struct ReportRequest {
  std::vector<std::string> runs;
  std::string out;  ///< "": RUN/report of the first run
  std::string title;
  std::vector<std::string> tables, figures;
  bool paper = false, compare = false, force = false;

  static OptionTable<ReportRequest> options();
  static void settle(ReportRequest& request, const Params& given);
};

/// A file of a report.
struct ReportFile {
  std::filesystem::path file;

  static ResultColumns<ReportFile> columns();
};

/// Writes what one or more run folders hold as a page, as tables and as figures. What the request
/// leaves open is taken from the study of the first folder that has one. Of logs of scored videos
/// (report/video) it writes the score over time.
/// \return the files written, the page first
/// \throws Error as write_report(); Error{kUsage} where it would replace what is no report of ours
std::vector<ReportFile> run_report(const ReportRequest& request);

}  // namespace robiq
