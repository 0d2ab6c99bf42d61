#include "robiq/app/attack/attack_run.h"
#include "robiq/cli/commands.h"

namespace robiq::cli {

void add_attack(CLI::App& app, Common& common) {
  add_command<AttackRequest>(
      app, common, "attack", "attacks pictures, saves them with 8 bits and scores what was saved",
      {"attack", "pictures"},
      [&common](const AttackRequest& request) {
        RowPrinter printer(common.format);
        printer.during([&] {
          run_attack(request, [&](const AttackedFile& row) { printer.add_result(row); });
        });
      })
      ->footer(
          "Example: robiq attack ifgsm:steps=10 photo.jpg --model cnniqa "
          "--weights RUN/checkpoints/best.safetensors --out attacked");
}

}  // namespace robiq::cli
