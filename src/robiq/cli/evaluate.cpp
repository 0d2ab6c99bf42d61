#include <nlohmann/json.hpp>

#include "robiq/app/evaluate_run.h"
#include "robiq/cli/commands.h"

namespace robiq::cli {

void add_evaluate(CLI::App& app, Common& common) {
  CLI::App* const command =
      app.add_subcommand("evaluate", "scores a test split clean and attacked, and measures both");
  const auto flags = std::make_shared<Flags>(*command, document_options<EvaluateRequest>(),
                                             std::vector<std::string>{});
  flags->add_config(*command);
  add_common_flags(*command, common);
  command->footer(
      "Example: robiq evaluate --model cnniqa --weights RUN/checkpoints/best.safetensors "
      "--data builtin --attack fgsm ifgsm:steps=10 --out runs/evaluation");
  command->callback([flags, &common] {
    apply_common(common);
    const auto rows = run_evaluation(read_options<EvaluateRequest>(flags->given()));
    if (rows.is_null()) return;  // another process of the group prints
    print_rows(common.format == "table" ? evaluation_table(rows) : rows, common.format);
  });
}

}  // namespace robiq::cli
