#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "robiq/app/weights_run.h"
#include "robiq/cli/commands.h"

namespace robiq::cli {
namespace {

using Json = nlohmann::ordered_json;

/// A list of texts on one line.
std::string listed(const Json& texts) {
  std::string line;
  for (const auto& text : texts) line += (line.empty() ? "" : ", ") + text.get<std::string>();
  return line;
}

/// What stands above the table of tensors.
void print_headline(const Json& file) {
  fmt::print(
      "{}: {}{}\n", file["file"].get<std::string>(), file["container"].get<std::string>(),
      file["wrapper"] == "" ? "" : ", state in '" + file["wrapper"].get<std::string>() + "'");
  fmt::print("  {} tensors, {} values, {} bytes\n", file["tensors"].get<std::int64_t>(),
             file["values"].get<std::int64_t>(), file["bytes"].get<std::int64_t>());
  fmt::print("  sha256 {}\n", file["sha256"].get<std::string>());
  if (!file["beside"].empty()) fmt::print("  numbers beside it: {}\n", listed(file["beside"]));
  if (!file["card"].is_null()) fmt::print("  card {}\n", file["card"].dump());
}

void print_inspected(const Json& file, const std::string& format) {
  if (format == "json") {
    fmt::print("{}\n", file.dump(2));
    return;
  }
  if (format == "table") print_headline(file);
  print_rows(file["state"], format);
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
                                print_rows(Json::array({convert_weights(request)}), common.format);
                              })
      ->footer(
          "Example: robiq weights convert koniq_pretrained.pkl hyperiqa.safetensors --model "
          "hyperiqa");
}

}  // namespace robiq::cli
