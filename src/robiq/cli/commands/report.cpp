#include "robiq/app/tools/report_run.h"
#include "robiq/cli/commands.h"

namespace robiq::cli {

void add_report(CLI::App& app, Common& common) {
  add_command<ReportRequest>(app, common, "report",
                             "a page, tables and figures of one or more runs", {"runs"},
                             [&common](const ReportRequest& request) {
                               print_results(run_report(request), common.format);
                             });
}

}  // namespace robiq::cli
