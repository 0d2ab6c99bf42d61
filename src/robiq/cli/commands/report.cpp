#include "robiq/app/tools/report_run.h"
#include "robiq/cli/commands.h"

namespace robiq::cli {

void add_report(CLI::App& app, Common& common) {
  add_command<ReportRequest>(app, common, "report",
                             "a page, tables and figures of runs, or of scored videos", {"runs"},
                             [&common](const ReportRequest& request) {
                               print_results(run_report(request), common.format);
                             })
      ->footer(
          "Examples: robiq report runs/base runs/nt --out report\n"
          "          robiq report low.json high.json --out videos\n"
          "A log of a video is what robiq score VIDEO --format json prints.");
}

}  // namespace robiq::cli
