#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "robiq/app/score_run.h"
#include "robiq/cli/commands.h"
#include "robiq/core/error.h"

namespace robiq::cli {

void add_score(CLI::App& app, Common& common) {
  add_command<ScoreRequest>(
      app, common, "score", "quality scores of pictures", {"pictures"},
      [&common](const ScoreRequest& request) {
        RowPrinter printer(common.format);
        try {
          run_scoring(
              request,
              [&](nlohmann::ordered_json row) {
                if (common.format == "table") row.erase("robiq_version");
                printer.add(row);
              },
              [](const Error& error) { fmt::print(stderr, "{}\n", error.what()); });
        } catch (const Error&) {
          printer.finish();
          throw;
        }
        printer.finish();
      })
      ->footer(
          "Example: robiq score photos/ --model cnniqa --weights RUN/checkpoints/best.safetensors");
}

}  // namespace robiq::cli
