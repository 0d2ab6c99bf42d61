#include "robiq/app/tools/report_run.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "robiq/app/run/output_files.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/app/study/file/study.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/text/text.h"
#include "robiq/report/write_report.h"

namespace robiq {

OptionTable<ReportRequest> ReportRequest::options() {
  using R = ReportRequest;
  return {
      {"runs", &R::runs,
       "run folders, as evaluate, experiment and demo write them; or logs of scored videos, .json"},
      {"out", &R::out,
       "folder for the report; \"\": report/ in the first run folder, or beside the first log"},
      {"title", &R::title, "title of the page; \"\": the study's"},
      {"tables", &R::tables,
       "tables by id (clean, srocc, s4, ...); none named: those of the study, or all that the "
       "results fill"},
      {"figures", &R::figures,
       "figures by id (score-change, lambda, ...); none named: as for tables"},
      {"paper", &R::paper, "also print the paper's numbers, under each row"},
      {"compare", &R::compare, "set the runs side by side instead of taking them together"},
      {"force", &R::force, "replace files in --out that no earlier report wrote"}};
}

namespace {

/// Logs of scored videos are files and runs are folders; what is not there is what its name says.
bool is_log(const std::filesystem::path& path) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) return false;
  return path.extension() == ".json" || std::filesystem::is_regular_file(path, code);
}

bool names_video_logs(const ReportRequest& request) {
  const auto logs = std::count_if(request.runs.begin(), request.runs.end(), is_log);
  if (logs != 0 && logs != std::ssize(request.runs)) {
    throw Error(ErrorKind::kUsage, {"run folders and logs of videos need a report each",
                                    join(request.runs, " "), "write two reports"});
  }
  return logs != 0;
}

/// \throws Error{kUsage} where two words name one folder or file
void check_different(const std::vector<std::string>& runs) {
  std::map<std::filesystem::path, std::string> seen;
  for (const std::string& run : runs) {
    std::error_code code;
    std::filesystem::path place = std::filesystem::weakly_canonical(run, code);
    if (code) continue;  // who reads it says what is wrong
    if (!place.has_filename()) place = place.parent_path();
    const auto [earlier, is_new] = seen.emplace(place, run);
    if (is_new) continue;
    const std::string as = earlier->second == run ? "" : ", as '" + earlier->second + "' before";
    throw Error(ErrorKind::kUsage, {"'" + run + "' is named twice" + as, "", "name it once"});
  }
}

}  // namespace

void ReportRequest::settle(ReportRequest& request, const Params& given) {
  check_different(request.runs);
  const OptionRules rules(given);
  rules.clash(names_video_logs(request), {"tables", "figures", "paper", "compare"},
              "logs of scored videos, whose report has them all");
  if (!request.compare) return;
  rules.need(request.runs.size() > 1, {"compare"}, "a second run folder");
}

namespace {

constexpr std::uint64_t kMostBytes = 16 << 20;  ///< of a study file

/// What the study of a run folder says of its report; nothing where there is no study. The file in
/// the folder is that of its last run, and may be edited.
std::optional<StudyReport> study_report_in(const std::filesystem::path& run_folder) {
  const RunFolder folder(run_folder);
  const ResultsStore store(folder.results(), ResultsStore::Access::kRead);
  std::optional<std::string> text;
  for (const RunRow& run : store.runs()) {
    if (run.kind == RunKind::kExperiment) text = run.config_toml;
  }
  if (!text) return std::nullopt;
  if (std::filesystem::exists(folder.config())) text = read_file(folder.config(), kMostBytes);
  return parse_study_report(*text, folder.config().string());
}

ReportSettings settings_of(const ReportRequest& request) {
  ReportSettings settings{request.title, request.tables, request.figures, request.paper,
                          request.compare};
  for (const std::string& run : request.runs) {
    const std::optional<StudyReport> study = study_report_in(run);
    if (!study) continue;
    if (settings.title.empty()) settings.title = study->title;
    if (settings.tables.empty()) settings.tables = study->tables;
    if (settings.figures.empty()) settings.figures = study->figures;
    settings.paper = settings.paper || study->paper;
    break;
  }
  if (settings.compare && !settings.tables.empty()) settings.tables.emplace_back("compare");
  return settings;
}

}  // namespace

ResultColumns<ReportFile> ReportFile::columns() {
  ResultColumns<ReportFile> columns;
  columns.add("file", &ReportFile::file);
  return columns;
}

namespace {

std::filesystem::path out_folder(const ReportRequest& request, bool videos) {
  if (!request.out.empty()) return request.out;
  const std::filesystem::path first = request.runs.at(0);
  return (videos ? first.parent_path() : first) / "report";
}

}  // namespace

std::vector<ReportFile> run_report(const ReportRequest& request) {
  const std::vector<std::filesystem::path> runs(request.runs.begin(), request.runs.end());
  const bool videos = names_video_logs(request);
  const std::filesystem::path out = out_folder(request, videos);
  const ReportSettings settings = videos ? ReportSettings{} : settings_of(request);
  check_report_folder(out, request.force);
  std::vector<ReportFile> files;
  for (std::filesystem::path& file :
       videos ? write_video_report(runs, out, request.title) : write_report(runs, out, settings)) {
    files.push_back({std::move(file)});
  }
  return files;
}

}  // namespace robiq
