#include "robiq/cli/commands/experiment_status.h"

#include "robiq/core/log.h"

namespace robiq::cli {

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
