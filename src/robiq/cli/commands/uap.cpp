#include "robiq/app/attack/uap_run.h"
#include "robiq/cli/commands.h"

namespace robiq::cli {

void add_uap(CLI::App& app, Common& common) {
  add_command<UapRequest>(
      app, common, "uap", "trains a universal perturbation on a model", {},
      [&common](const UapRequest& request) { print_result(run_uap(request), common.format); })
      ->footer(
          "Example: robiq uap --weights RUN/checkpoints/best.safetensors --out uap.safetensors");
}

}  // namespace robiq::cli
