#include <nlohmann/json.hpp>

#include "robiq/app/attack_run.h"
#include "robiq/cli/commands.h"
#include "robiq/core/error.h"

namespace robiq::cli {

void add_attack(CLI::App& app, Common& common) {
  add_command<AttackRequest>(app, common, "attack",
                             "attacks pictures, saves them with 8 bits and scores what was saved",
                             {"attack", "pictures"},
                             [&common](const AttackRequest& request) {
                               RowPrinter printer(common.format);
                               const auto show = [&](nlohmann::ordered_json row) {
                                 if (common.format == "table") {
                                   for (const char* key : {"robiq_version", "l2", "files", "forwards", "backwards"})
                                     row.erase(key);
                                 }
                                 printer.add(row);
                               };
                               try {
                                 run_attack(request, show);
                               } catch (const Error&) {
                                 printer.finish();
                                 throw;
                               }
                               printer.finish();
                             })
      ->footer(
          "Example: robiq attack ifgsm:steps=10 photo.jpg --model cnniqa "
          "--weights RUN/checkpoints/best.safetensors --out attacked");
}

}  // namespace robiq::cli
