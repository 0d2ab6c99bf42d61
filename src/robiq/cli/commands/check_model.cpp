#include <fmt/format.h>

#include <vector>

#include "robiq/app/check/check_model_run.h"
#include "robiq/cli/commands.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"

namespace robiq::cli {
namespace {

/// The advice, which is too long for a column, stands below the table.
void print_for_people(const std::vector<CheckedPromise>& rows) {
  print_results(rows, "table");
  const ScoreScale& scale = rows.front().scale;
  print_out("\nScores are on the model's own scale, from " + number_text(scale.worst) +
            " (worst) to " + number_text(scale.best) + " (best).\n");
  for (const CheckedPromise& row : rows) {
    if (row.hint.empty()) continue;
    print_out(fmt::format("\n{}: {}\n  hint  {}\n", promise_state_name(row.state),
                          visible_text(row.promise), visible_text(row.hint)));
  }
}

}  // namespace

void add_check_model(CLI::App& app, Common& common) {
  add_command<CheckModelRequest>(
      app, common, "check-model",
      "tests whether a model does what scoring, attacks and training need", {"model"},
      [&common](const CheckModelRequest& request) {
        check_model(request, [&](const std::vector<CheckedPromise>& rows) {
          if (common.format == "table") {
            print_for_people(rows);
          } else {
            print_results(rows, common.format);
          }
        });
      })
      ->footer("Example: robiq check-model torchscript:mine.pt,worst=0,best=10");
}

}  // namespace robiq::cli
