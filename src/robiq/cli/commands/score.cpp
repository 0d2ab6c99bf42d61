#include <string>

#include "robiq/app/score/score_run.h"
#include "robiq/cli/commands.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/error.h"

namespace robiq::cli {

void add_score(CLI::App& app, Common& common) {
  add_command<ScoreRequest>(
      app, common, "score", "quality scores of pictures", {"pictures"},
      [&common](const ScoreRequest& request) {
        RowPrinter printer(common.format);
        printer.during([&] {
          run_scoring(
              request, [&](const ScoredPicture& row) { printer.add_result(row); },
              [](const Error& error) { print_err(std::string(error.what()) + "\n"); });
        });
      })
      ->footer(
          "Example: robiq score photos/ --model cnniqa --weights RUN/checkpoints/best.safetensors");
}

}  // namespace robiq::cli
