#include <nlohmann/json.hpp>
#include <string>

#include "robiq/app/attack/attack_run.h"
#include "robiq/cli/commands.h"
#include "robiq/core/text/text.h"

namespace robiq::cli {
namespace {

/// What fits on a terminal; the scale in one column.
nlohmann::ordered_json for_people(nlohmann::ordered_json row) {
  for (const char* key : {"robiq_version", "l2", "files", "forwards", "backwards", "attack_options",
                          "before_native", "after_native", "native_scale"}) {
    row.erase(key);
  }
  const auto end = [&](const char* name) {
    return number_text(row.at("scale").at(name).get<double>());
  };
  row["scale"] = end("worst") + ":" + end("best");
  return row;
}

}  // namespace

void add_attack(CLI::App& app, Common& common) {
  add_command<AttackRequest>(app, common, "attack",
                             "attacks pictures, saves them with 8 bits and scores what was saved",
                             {"attack", "pictures"},
                             [&common](const AttackRequest& request) {
                               RowPrinter printer(common.format);
                               printer.during([&] {
                                 run_attack(request, [&](const nlohmann::ordered_json& row) {
                                   printer.add(common.format == "table" ? for_people(row) : row);
                                 });
                               });
                             })
      ->footer(
          "Example: robiq attack ifgsm:steps=10 photo.jpg --model cnniqa "
          "--weights RUN/checkpoints/best.safetensors --out attacked");
}

}  // namespace robiq::cli
