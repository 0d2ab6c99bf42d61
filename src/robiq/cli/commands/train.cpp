#include <nlohmann/json.hpp>

#include "robiq/app/train/train_run.h"
#include "robiq/cli/commands.h"
#include "robiq/core/version.h"

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
    nlohmann::ordered_json row;
    row["defense"] = result.defense;
    row["pictures"] = result.pictures;
    row["pictures_expected"] = result.pictures_expected;
    row["epochs"] = result.state.epoch;
    row["steps"] = result.state.step;
    row["best_epoch"] = result.state.best_epoch;
    const EpochReport* const best = best_report(result.state);
    if (best != nullptr && best->validation.contains("srocc")) {
      row["best_srocc"] = best->validation.at("srocc");
    }
    row["best"] = result.best.string();
    row["last"] = result.last.string();
    row["seconds"] = result.seconds;
    if (common.format != "table") row["robiq_version"] = version();
    print_rows(nlohmann::ordered_json::array({row}), common.format);
  });
}

}  // namespace robiq::cli
