#include "robiq/app/tools/metrics_run.h"
#include "robiq/cli/commands.h"

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

}  // namespace robiq::cli
