#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "robiq/app/tools/weights_run.h"
#include "robiq/cli/commands.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/files/output.h"
#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"

namespace robiq::cli {
namespace {

/// What stands above the table of tensors.
std::string headline(const InspectedWeights& file) {
  std::string text =
      fmt::format("{}: {}{}\n", visible_text(file.file), visible_text(file.container),
                  file.wrapper.empty() ? "" : ", state in '" + visible_text(file.wrapper) + "'");
  text += fmt::format("  {} tensors, {} values, {} bytes\n", file.state.size(), file.values,
                      file.bytes);
  text += fmt::format("  sha256 {}\n", file.sha256);
  if (!file.beside.empty()) {
    text += fmt::format("  numbers beside it: {}\n", visible_text(join(file.beside, ", ")));
  }
  if (file.card) {
    const auto card = nlohmann::ordered_json::parse(card_to_json(*file.card));
    text += "  card " + json_text(card) + "\n";
  }
  return text;
}

void print_inspected(const InspectedWeights& file, const std::string& format) {
  if (format == "json") return print_result(file, format);
  if (format == "table") print_out(headline(file));
  print_results(file.state, format);
}

}  // namespace

void add_weights(CLI::App& app, Common& common) {
  CLI::App* const weights = app.add_subcommand("weights", "looks into and converts weights files");
  weights->require_subcommand(1);
  add_command<InspectRequest>(*weights, common, "inspect", "what a weights file holds", {"file"},
                              [&common](const InspectRequest& request) {
                                print_inspected(inspect_weights(request), common.format);
                              })
      ->footer("Example: robiq weights inspect koniq_pretrained.pkl");
  add_command<ConvertRequest>(*weights, common, "convert",
                              "rewrites a weights file as .safetensors or .pth", {"in", "out"},
                              [&common](const ConvertRequest& request) {
                                print_result(convert_weights(request), common.format);
                              })
      ->footer(
          "Example: robiq weights convert koniq_pretrained.pkl hyperiqa.safetensors --model "
          "hyperiqa");
}

}  // namespace robiq::cli
