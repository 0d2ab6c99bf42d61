#include "robiq/app/train/train_run.h"
#include "robiq/cli/commands.h"

namespace robiq::cli {

void add_train(CLI::App& app, Common& common) {
  CLI::App* const command = app.add_subcommand("train", "trains a model, as a baseline or with NT");
  const auto flags = std::make_shared<Flags>(*command, document_options<TrainRequest>(),
                                             std::vector<std::string>{});
  flags->add_config(*command);
  add_common_flags(*command, common);
  command->footer("Example: robiq train --model cnniqa --data builtin --nt --out runs/cnniqa-nt");
  command->callback([flags, &common] {
    apply_common(common);
    const TrainResult result = run_training(read_options<TrainRequest>(flags->given()));
    if (!result.first) return;
    print_result(result, common.format);
  });
}

}  // namespace robiq::cli
