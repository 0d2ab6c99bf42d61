#include "robiq/app/evaluate/evaluate_run.h"
#include "robiq/app/evaluate/threshold.h"
#include "robiq/cli/commands.h"

namespace robiq::cli {
namespace {

/// Evaluates, prints, and judges by the thresholds.
void evaluate(const EvaluateRequest& request, const std::vector<std::string>& fail_if,
              const std::string& format) {
  const std::vector<Threshold> thresholds = parse_thresholds(fail_if);
  JudgedWork work{request.attack, {}};
  if (!thresholds.empty()) work.names = names_of_model(request.model, request.weights);
  check_thresholds(thresholds, work);
  const std::vector<EvaluationRow> rows = run_evaluation(request);
  if (rows.empty()) return;  // another process of the group prints
  print_results(rows, format);
  if (format == "table") {
    const std::vector<WorstCaseRow> worst = worst_case_rows(rows);
    if (!worst.empty()) print_results(worst, format);
  }
  if (thresholds.empty()) return;
  std::vector<JudgedRow> judged;
  for (const EvaluationRow& row : rows) judged.push_back({&row, "", work.names});
  judge(thresholds, judged);
}

}  // namespace

void add_evaluate(CLI::App& app, Common& common) {
  CLI::App* const command =
      app.add_subcommand("evaluate", "scores a test split clean and attacked, and measures both");
  const auto flags = std::make_shared<Flags>(*command, document_options<EvaluateRequest>(),
                                             std::vector<std::string>{});
  flags->add_config(*command);
  const auto fail_if = add_fail_if(*command);
  const auto parallel = add_parallel(*command);
  add_common_flags(*command, common);
  command->footer(
      "Example: robiq evaluate --model cnniqa --weights RUN/checkpoints/best.safetensors "
      "--data builtin --attack fgsm ifgsm:steps=10 --out runs/evaluation");
  command->callback([flags, fail_if, parallel, &common] {
    apply_common(common);
    in_parallel(*parallel, [&] {
      auto request = read_options<EvaluateRequest>(flags->given());
      // Rows are to be the same bytes with any number of processes.
      if (*parallel > 0 && request.compute.threads == 0) request.compute.threads = 1;
      evaluate(request, *fail_if, common.format);
    });
  });
}

}  // namespace robiq::cli
