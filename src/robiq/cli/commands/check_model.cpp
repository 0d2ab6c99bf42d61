#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "robiq/app/check/check_model_run.h"
#include "robiq/cli/commands.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"

namespace robiq::cli {
namespace {

/// The advice, which is too long for a column, stands below the table.
void print_for_people(const nlohmann::ordered_json& rows) {
  nlohmann::ordered_json columns = rows;
  std::string advice;
  for (auto& row : columns) {
    const auto text = [&](const char* key) { return visible_text(row.at(key).get<std::string>()); };
    if (!text("hint").empty()) {
      advice += fmt::format("\n{}: {}\n  hint  {}\n", text("state"), text("promise"), text("hint"));
    }
    for (const char* key : {"hint", "scale", "robiq_version"}) row.erase(key);
  }
  const auto end = [&](const char* name) {
    return number_text(rows.front().at("scale").at(name).get<double>());
  };
  print_rows(columns, "table");
  print_out("\nScores are on the model's own scale, from " + end("worst") + " (worst) to " +
            end("best") + " (best).\n");
  print_out(advice);
}

}  // namespace

void add_check_model(CLI::App& app, Common& common) {
  add_command<CheckModelRequest>(app, common, "check-model",
                                 "which promises of a quality model a model keeps", {"model"},
                                 [&common](const CheckModelRequest& request) {
                                   check_model(request, [&](const nlohmann::ordered_json& rows) {
                                     if (common.format == "table") {
                                       print_for_people(rows);
                                     } else {
                                       print_rows(rows, common.format);
                                     }
                                   });
                                 })
      ->footer("Example: robiq check-model torchscript:mine.pt,worst=0,best=10");
}

}  // namespace robiq::cli
