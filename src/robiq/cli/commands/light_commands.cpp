// The commands that compute no tensors: `robiq` does them without LibTorch.
#include "robiq/app/study/progress/experiment_status.h"
#include "robiq/app/tools/metrics_run.h"
#include "robiq/app/tools/report_run.h"
#include "robiq/cli/commands.h"
#include "robiq/core/log.h"

namespace robiq::cli {

void add_metrics(CLI::App& app, Common& common) {
  add_command<MetricsRequest>(
      app, common, "metrics", "measures from a table of scores made by any program", {"csv"},
      [&common](const MetricsRequest& request) {
        const MetricsResult result = run_metrics(request);
        const bool whole = common.format == "json" || common.format == "jsonl";
        if (whole) return print_result(result, common.format);
        print_results(metrics_rows(result), common.format);
      })
      ->footer("Example: robiq metrics scores.csv --mos mos --before clean --after attacked");
}

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

void add_experiment_status(
    CLI::App& experiment, Common& common,
    const std::function<ExperimentStatus(const ExperimentStatusRequest&)>& find) {
  add_command<ExperimentStatusRequest>(
      experiment, common, "status", "lists the cells of a study: done, failed or to do", {"file"},
      [&common, find](const ExperimentStatusRequest& request) {
        const ExperimentStatus status = find(request);
        print_results(status.rows, common.format);
        log::info("{}", status.summary);
      });
}

}  // namespace robiq::cli
