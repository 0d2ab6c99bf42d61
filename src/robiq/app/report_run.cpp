#include "robiq/app/report_run.h"

#include "robiq/report/write_report.h"

namespace robiq {

OptionTable<ReportRequest> ReportRequest::options() {
  using R = ReportRequest;
  return {{"runs", &R::runs, "run folders, as evaluate and demo write them"},
          {"out", &R::out, "folder for the tables; \"\": report/ in the first run folder"}};
}

std::vector<std::filesystem::path> run_report(const ReportRequest& request) {
  const std::vector<std::filesystem::path> runs(request.runs.begin(), request.runs.end());
  const std::filesystem::path out =
      request.out.empty() ? runs.at(0) / "report" : std::filesystem::path(request.out);
  return write_report(runs, out);
}

}  // namespace robiq
