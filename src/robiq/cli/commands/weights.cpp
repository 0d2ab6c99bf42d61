#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "robiq/app/tools/weights_run.h"
#include "robiq/cli/commands.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/files/output.h"
#include "robiq/core/text/escape.h"

namespace robiq::cli {
namespace {

using Json = nlohmann::ordered_json;

/// A list of texts on one line.
std::string listed(const Json& texts) {
  std::string line;
  for (const auto& text : texts) line += (line.empty() ? "" : ", ") + text.get<std::string>();
  return visible_text(line);
}

/// What stands above the table of tensors.
std::string headline(const Json& file) {
  const auto part = [&](const char* key) { return visible_text(file[key].get<std::string>()); };
  std::string text =
      fmt::format("{}: {}{}\n", part("file"), part("container"),
                  file["wrapper"] == "" ? "" : ", state in '" + part("wrapper") + "'");
  text += fmt::format("  {} tensors, {} values, {} bytes\n", file["tensors"].get<std::int64_t>(),
                      file["values"].get<std::int64_t>(), file["bytes"].get<std::int64_t>());
  text += fmt::format("  sha256 {}\n", file["sha256"].get<std::string>());
  if (!file["beside"].empty())
    text += fmt::format("  numbers beside it: {}\n", listed(file["beside"]));
  if (!file["card"].is_null()) {
    text += "  card " + render_rows(Json::array({file["card"]}), OutputFormat::kJsonLines);
  }
  return text;
}

void print_inspected(const Json& file, const std::string& format) {
  if (format == "json") return print_rows(Json::array({file}), format);
  if (format == "table") print_out(headline(file));
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
