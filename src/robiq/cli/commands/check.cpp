#include <nlohmann/json.hpp>
#include <string>

#include "robiq/app/check/gaming_run.h"
#include "robiq/cli/commands.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/version.h"

namespace robiq::cli {
namespace {

using Json = nlohmann::ordered_json;

Json edit_row(const EditResult& edit) {
  return {{"edit", edit.edit},
          {"strength", edit.strength},
          {"gain", edit.gain},
          {"ssim", edit.ssim},
          {"psnr_db", edit.psnr_db}};
}

Json whole(const GamingResult& result) {
  Json json = {{"model", result.model},     {"pictures", result.pictures},
               {"before", result.before},   {"gamed", result.gamed},
               {"verdict", result.verdict}, {"edits", Json::array()},
               {"robiq_version", version()}};
  for (const EditResult& edit : result.edits) json["edits"].push_back(edit_row(edit));
  return json;
}

void print(const GamingResult& result, const std::string& format) {
  if (format == "json") return print_rows(Json::array({whole(result)}), format);
  Json rows = Json::array();
  for (const EditResult& edit : result.edits) rows.push_back(edit_row(edit));
  print_rows(rows, format);
  // Beside rows for programs the verdict is for people.
  if (format == "table") return print_out(result.verdict + "\n");
  print_err(result.verdict + "\n");
}

}  // namespace

void add_check(CLI::App& app, Common& common) {
  add_command<GamingRequest>(
      app, common, "check", "can a model's scores be raised by edits that hardly change a picture?",
      {"pictures"},
      [&common](const GamingRequest& request) { print(run_gaming_check(request), common.format); })
      ->footer(
          "Examples: robiq check photo.jpg --figure check.svg\n"
          "          robiq check video.mp4 --model maniqa --weights maniqa.pt");
}

}  // namespace robiq::cli
