#include "robiq/app/study/cost/experiment_plan.h"
#include "robiq/app/study/experiment_run.h"
#include "robiq/app/study/progress/experiment_status.h"
#include "robiq/app/study/study_setup.h"
#include "robiq/cli/commands.h"
#include "robiq/core/log.h"

namespace robiq::cli {
namespace {

/// Works through the study, prints its measures, and judges by the thresholds.
void run(const ExperimentRequest& request, const std::vector<std::string>& fail_if,
         const std::string& format) {
  const std::vector<Threshold> thresholds = parse_thresholds(fail_if);
  const ExperimentResult result = run_experiment(request, thresholds);
  if (result.first && !result.rows.empty()) {
    print_results(result.rows, format);
  }
  if (result.failure) throw Error(*result.failure);
  if (result.first) judge(thresholds, result.judged);
}

void add_run(CLI::App& experiment, Common& common) {
  CLI::App* const command =
      experiment.add_subcommand("run", "runs the cells (steps) of a study that are not done yet");
  const auto flags = std::make_shared<Flags>(*command, document_options<ExperimentRequest>(),
                                             std::vector<std::string>{"file"});
  const auto fail_if = add_fail_if(*command);
  const auto parallel = add_parallel(*command);
  add_common_flags(*command, common);
  command->footer(
      "Example: robiq experiment run experiments/mini-paper.toml --fail-if "
      "'before_after.r(fgsm)@gradient-norm < 0.5'");
  command->callback([flags, fail_if, parallel, &common] {
    apply_common(common);
    in_parallel(*parallel, [&] {
      run(read_options<ExperimentRequest>(flags->given()), *fail_if, common.format);
    });
  });
}

}  // namespace

void add_experiment(CLI::App& app, Common& common) {
  CLI::App* const experiment =
      app.add_subcommand("experiment", "whole studies: models x defenses x attacks x seeds");
  experiment->require_subcommand(1);
  add_run(*experiment, common);
  add_command<ExperimentPlanRequest>(
      *experiment, common, "plan",
      "says what a study will do, and the time and memory it will take here", {"file"},
      [&common](const ExperimentPlanRequest& request) {
        const ExperimentPlan plan = plan_experiment(request);
        print_results(plan.rows, common.format);
        log::info("{}", plan.summary);
      });
  add_experiment_status(*experiment, common, [](const ExperimentStatusRequest& request) {
    const StudySetup setup = set_up_study(request.file, request.out, request.data);
    return status_of(setup.folder, names_of_cells(setup));
  });
}

}  // namespace robiq::cli
